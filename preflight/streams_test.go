package preflight_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// failingWriter is a stream that nobody reads any more.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestStreamsThatAreGone: the verdict is the exit code's, whoever listens.
func TestStreamsThatAreGone(t *testing.T) {
	t.Parallel()
	for world, want := range map[string]int{"healthy": 0, "no-role": 1} {
		t.Run(world, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, world).World()
				env, err := w.Environ(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				var gone io.Writer = failingWriter{}
				exit := preflight.Main(t.Context(), preflight.World{
					LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
					Transport: w.Transport(), Resolver: w, Stdin: strings.NewReader(""), Stdout: gone, Stderr: gone,
				}, nil)
				if exit != want || readOutputs(t, env["GITHUB_OUTPUT"])["verdict"] == "" {
					t.Errorf("exit code %d, want %d, and the outputs", exit, want)
				}
			})
		})
	}
}
