package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

var realTime = flag.Bool("realtime", false, "run the fault matrix against the built program, in real time")

// onSockets are the verdicts that differ from the matrix's. The connection to a
// model is made early, and the early one meets what happens once. Where the
// proxy cannot get to the metadata address, its page comes instead.
var onSockets = map[string]string{
	"call/expired certificate/once":                  passes,
	"call/self-signed certificate/once":              passes,
	"call/certificate of another host/once":          passes,
	"second target/expired certificate/once":         passes,
	"second target/self-signed certificate/once":     passes,
	"second target/certificate of another host/once": passes,
	"managed-identity/refused/for ever":              notIMDS,
}

// overProxy is what a failure says where it is a proxy that does not get
// through.
func (c *faultCell) overProxy() string {
	switch {
	case c.fault.Kind == azurelab.FaultRefused:
		return "The requested URL could not be retrieved"
	case c.fault.Kind == azurelab.FaultConnectTimeout && c.step.link == atIMDS:
		return "no answer came in time" // for which there is no tunnel
	}
	return c.says
}

// TestFaultMatrixInRealTime is the matrix again, with the built program as a
// process, real sockets and a real clock: for a recorded run, not for every
// one.
//
//	go test ./preflight -run TestFaultMatrixInRealTime -realtime -parallel 40 -timeout 30m -v
func TestFaultMatrixInRealTime(t *testing.T) {
	if !*realTime {
		t.Skip("takes minutes: -realtime")
	}
	program := filepath.Join(t.TempDir(), "aoai-preflight")
	if out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var (
		mu                            sync.Mutex
		cells, met, wrong, late, leak int
		longest                       time.Duration
		begin                         = time.Now()
	)
	t.Run("cells", func(t *testing.T) {
		for _, c := range faultCells() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				w := c.world(t)
				started := time.Now()
				o := process(t, program, w)
				took := time.Since(started)
				want := c.want
				if other, ok := onSockets[c.name]; ok {
					want = other
				}
				struck := slices.ContainsFunc(w.Requests(), func(r azurelab.Request) bool { return r.Fault == c.fault.Kind })
				if !struck {
					// The connection of the request before was kept, so that none was
					// made for the fault to meet.
					want = passes
				}
				if took > faultTimeout+2*time.Second { // to start and to end
					t.Errorf("the run took %s of %s", took, faultTimeout)
				}
				c.says = c.overProxy()
				c.check(t, w, o, want)
				mu.Lock()
				defer mu.Unlock()
				cells, longest = cells+1, max(longest, took)
				if struck {
					met++
				}
				switch {
				case o.told() != want:
					wrong++
				case took > faultTimeout+2*time.Second:
					late++
				case t.Failed():
					leak++
				}
				if t.Failed() {
					t.Logf("%s%s", shown(o.stdout), o.stderr)
				}
			})
		}
	})
	t.Logf("%d cells in %s, the fault struck in %d: %d wrong verdicts, %d over the deadline of %s (the longest took %s), %d that leaked or contradicted themselves",
		cells, time.Since(begin).Round(time.Second), met, wrong, late, faultTimeout, longest.Round(time.Millisecond), leak)
}

// process runs the built program in a world, over real sockets.
func process(t *testing.T, program string, w *azurelab.World) outcome {
	t.Helper()
	proxy, err := azurelab.Serve(t.Context(), w, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(env["GITHUB_WORKSPACE"], "proxy-ca.pem")
	if err := os.WriteFile(ca, proxy.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(env, proxy.Environ(ca))
	env["INPUT_REPORT"], env["INPUT_TIMEOUT"] = "out/preflight.json", faultTimeout.String()
	ctx, cancel := context.WithTimeout(t.Context(), 3*faultTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{exit: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String(), outputs: readOutputs(t, env["GITHUB_OUTPUT"])}
	summary, err := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		t.Fatal(err)
	}
	o.summary = string(summary)
	if path := o.outputs["report"]; path != "" {
		if o.reportFile, err = os.ReadFile(filepath.Join(env["GITHUB_WORKSPACE"], path)); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(o.reportFile, &o.report); err != nil {
			t.Fatal(err)
		}
	}
	return o
}
