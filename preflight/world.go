package preflight

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
)

// World is every way in which the package reaches outside itself. [Host] is
// the real one.
type World struct {
	// LookupEnv tells an unset variable from an empty one, as client libraries
	// do. The credentials of azidentity that look around by themselves (managed
	// identity, DefaultAzureCredential) read the process's environment instead.
	LookupEnv func(name string) (string, bool)

	// Transport carries every request; nil is the network, through the proxy
	// that the environment names.
	Transport http.RoundTripper

	// Resolver answers the question whether a host's name exists, which is asked
	// only after a connection failed.
	Resolver Resolver

	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// A Resolver looks names up. [net.Resolver] is one.
type Resolver interface {
	LookupHost(ctx context.Context, host string) ([]string, error)
	LookupCNAME(ctx context.Context, host string) (string, error)
}

// Host is the machine that this program runs on.
func Host() World {
	// MSAL would ask the metadata address for the machine's region with a client
	// of its own, past every rule and record. Without it the authority is the
	// global one, which knows the same identities.
	for _, name := range []string{"AZURE_REGIONAL_AUTHORITY_NAME", "MSAL_FORCE_REGION"} {
		if os.Getenv(name) == "TryAutoDetect" {
			os.Unsetenv(name)
		}
	}
	return World{
		LookupEnv: os.LookupEnv,
		Resolver:  net.DefaultResolver,
		Stdin:     os.Stdin,
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
	}
}

// getenv is a variable's value, "" when it is unset.
func (w World) getenv(name string) string {
	v, _ := w.LookupEnv(name)
	return v
}
