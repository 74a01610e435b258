package preflight_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// BenchmarkRun is the whole program against the lab in the same process, without
// a network: what is left is what the program and the lab compute.
func BenchmarkRun(b *testing.B) {
	many, config := fleet(12, 25)
	refused, _ := fleet(12, 25)
	for i := range refused.Resources {
		refused.Resources[i].Roles = nil
	}
	for _, c := range []struct {
		name   string
		w      *azurelab.World
		config string
		exit   int
	}{
		{"one", azurelab.Healthy(), "", 0},
		{"300", many, config, 0},
		{"300-refused", refused, config, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			env, err := c.w.Environ(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			env["INPUT_REPORT"] = "preflight.json"
			if c.config != "" {
				env["INPUT_LITELLM-CONFIG"] = "config.yaml"
				delete(env, "INPUT_ENDPOINT")
				delete(env, "INPUT_DEPLOYMENT")
				checkOut(b, env, map[string]string{"config.yaml": c.config})
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := os.Truncate(env["GITHUB_STEP_SUMMARY"], 0); err != nil {
					b.Fatal(err)
				}
				var out bytes.Buffer
				exit := preflight.Main(context.Background(), preflight.World{
					LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
					Transport: c.w.Transport(), Resolver: c.w, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out,
				}, nil)
				if exit != c.exit {
					b.Fatalf("exit code %d\n%s", exit, out.String())
				}
			}
		})
	}
}
