package preflight_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
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

// TestDebug: debug logging shows every request, and no more of it than evidence
// does, in every world.
func TestDebug(t *testing.T) {
	t.Parallel()
	for _, s := range azurelab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := s.World()
				o := perform(t, w, func(env map[string]string) { env["RUNNER_DEBUG"], env["AZURE_SDK_GO_LOGGING"] = "1", "all" })
				checkTruth(t, s, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
				checkInert(t, o.stdout, o.stderr)
				for _, r := range w.Requests() {
					if r.Status != 0 && !strings.HasSuffix(r.Path, "/openid-configuration") && !strings.Contains(o.stderr, r.Host) { // what is fetched early is not told of
						t.Errorf("nothing is said of %s %s%s:\n%s", r.Method, r.Host, r.Path, o.stderr)
					}
				}
			})
		})
	}
}
