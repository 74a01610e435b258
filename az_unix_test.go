//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// programWithAz is a run whose identity is that of an az which is this script.
func programWithAz(t *testing.T, w *azurelab.World, script string) (cmd *exec.Cmd, env map[string]string) {
	t.Helper()
	cmd, env = program(t, w)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "az"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "PATH="+bin+":"+os.Getenv("PATH"), "INPUT_IDENTITY=default-azure-credential", "AZURE_TOKEN_CREDENTIALS=AzureCLICredential")
	return cmd, env
}

// TestToolEchoes: azidentity runs az for its chain and hands on what it says. A
// secret of the job's in there gets into no channel.
func TestToolEchoes(t *testing.T) {
	t.Parallel()
	w := azurelab.Healthy()
	key := w.Resources[0].Keys[0]
	cmd, env := programWithAz(t, w, "echo \"ERROR: Please run 'az login'; the key is $AZURE_OPENAI_API_KEY\" >&2\nexit 1")
	cmd.Env = append(cmd.Env, "AZURE_OPENAI_API_KEY="+key, "INPUT_TIMEOUT=30s", "INPUT_REPORT=report.json", "RUNNER_DEBUG=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "the key is ***") {
		t.Errorf("%v, and az was not heard:\n%s", err, out)
	}
	masked := "::add-mask::" + key + "\n"
	if !strings.Contains(string(out), masked) {
		t.Error("the key is not masked")
	}
	said := strings.ReplaceAll(string(out), masked, "")
	for _, file := range []string{env["GITHUB_OUTPUT"], env["GITHUB_STEP_SUMMARY"], filepath.Join(env["GITHUB_WORKSPACE"], "report.json")} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
		}
		said += string(data)
	}
	if strings.Contains(said, key) {
		t.Errorf("the key is printed:\n%s", said)
	}
}

// TestToolHangs: the run says at its deadline what it waited for.
func TestToolHangs(t *testing.T) {
	t.Parallel()
	cmd, _ := programWithAz(t, azurelab.Healthy(), "exec sleep 60")
	cmd.Env = append(cmd.Env, "INPUT_TIMEOUT=5s")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "The command line tool that AzureCLICredential runs had not answered when the time was over") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// TestToolPrintsWithoutEnd: azidentity keeps all that az prints. The run ends
// within its deadline all the same, with no more memory than a machine has.
func TestToolPrintsWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"output":            "exec yes 'some words'",
		"errors":            "exec yes token >&2",
		"both, by children": "yes one & yes two >&2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, env := programWithAz(t, azurelab.Healthy(), script+"\nwait")
			cmd.Env = append(cmd.Env, "INPUT_TIMEOUT=10s")
			begin := time.Now()
			out, err := cmd.CombinedOutput()
			took := time.Since(begin)
			if err == nil || !strings.Contains(string(out), "tool that the chain of credentials runs printed without end") || len(out) > 64<<10 {
				t.Errorf("%v, %d bytes:\n%.4000s", err, len(out), out)
			}
			if data, err := os.ReadFile(env["GITHUB_OUTPUT"]); err != nil || !strings.Contains(string(data), "cfg-no-credential") {
				t.Errorf("%v, the outputs are %q", err, data)
			}
			if took > time.Minute { // of which a busy machine takes the most, with race detection
				t.Errorf("it took %s", took)
			}
			most := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
			t.Logf("%s, %d KiB", took, most)
			if runtime.GOOS == "linux" && most > 2<<20 {
				t.Errorf("%d KiB of memory", most)
			}
		})
	}
}
