package main

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// asProgram makes this test's executable the program itself, for the tests that
// need a process of it.
const asProgram = "TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	// These tests wait for programs that wait: more go at once than there are
	// processors, unless the command says how many.
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		flag.Set("test.parallel", "16")
	}
	os.Exit(m.Run())
}

// TestSignals cancels the job while an answer is awaited, as a runner does: the
// process ends soon, with what is known by then on every channel.
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, service := range []azurelab.Service{azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceModel} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(string(service)+"/"+signal.String(), func(t *testing.T) {
				t.Parallel()
				interrupt(t, service, signal)
			})
		}
	}
}

// interrupt sends the program a signal while the service keeps it waiting.
func interrupt(t *testing.T, service azurelab.Service, signal syscall.Signal) {
	t.Helper()
	w := azurelab.Healthy()
	w.Faults = []azurelab.Fault{{Service: service, Kind: azurelab.FaultHang}}
	cmd, env := program(t, w)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if !awaited(w, service) {
		cmd.Process.Kill()
		<-ended
		t.Fatalf("the service was never asked:\n%s", log.String())
	}
	begin := time.Now()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second): // a second, and what a busy machine makes of it
		cmd.Process.Kill()
		<-ended
		t.Fatalf("5 s after the signal it still runs:\n%s", log.String())
	}
	t.Logf("it ended %s after the signal", time.Since(begin).Round(time.Millisecond))
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for name, want := range map[string]string{"GITHUB_STEP_SUMMARY": "cancelled", "GITHUB_OUTPUT": "verdict"} {
		data, err := os.ReadFile(env[name])
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s does not say %q: %v\n%s", name, want, err, data)
		}
	}
	if !strings.Contains(log.String(), "cancelled") || strings.Contains(log.String(), "::error") {
		t.Errorf("the log does not say that the run was cancelled, or blames somebody:\n%s", log.String())
	}
}

// program is the program as a job in the world runs it, over real sockets, and
// the job's variables.
func program(t *testing.T, w *azurelab.World) (*exec.Cmd, map[string]string) {
	t.Helper()
	proxy, err := azurelab.Serve(t.Context(), w, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(env["GITHUB_WORKSPACE"], "proxy-ca.pem")
	if err := os.WriteFile(ca, proxy.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(env, proxy.Environ(ca))
	env[asProgram] = "1"
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd, env
}

// awaited waits until a service has been asked, and reports whether it was.
func awaited(w *azurelab.World, service azurelab.Service) bool {
	for range 3000 {
		if slices.ContainsFunc(w.Requests(), func(r azurelab.Request) bool { return r.Service == service }) {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// TestHeaderFlood: a megabyte of headers is not read, and is no pass.
func TestHeaderFlood(t *testing.T) {
	t.Parallel()
	for service, want := range map[azurelab.Service]string{azurelab.ServiceGitHub: "oidc-request-failed", azurelab.ServiceEntra: "net-entra-unreachable", azurelab.ServiceModel: "net-unreachable"} {
		t.Run(string(service), func(t *testing.T) {
			t.Parallel()
			w := azurelab.Healthy()
			w.Faults = []azurelab.Fault{{Service: service, Kind: azurelab.FaultHeaders}}
			cmd, env := program(t, w)
			cmd.Env = append(cmd.Env, "INPUT_TIMEOUT=1m") // that a busy machine may need
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Error("the verdict is a pass")
			}
			data, err := os.ReadFile(env["GITHUB_OUTPUT"])
			if err != nil || !strings.Contains(string(data), "\n"+want+"\n") {
				t.Errorf("%v, the outputs are %q, want %s\n%s", err, data, want, out)
			}
			if len(out) > 64<<10 {
				t.Errorf("%d bytes of log", len(out))
			}
		})
	}
}
