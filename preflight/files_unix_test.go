//go:build unix

package preflight

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// TestPipesDoNotHang puts a pipe, for which nobody writes, wherever a file of
// the workspace is looked for: nothing waits for it.
func TestPipesDoNotHang(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ pipe, input, value string }{
		{".env", "CLIENT", "litellm"}, {".venv", "CLIENT", "litellm"}, {"uv.lock", "CLIENT", "litellm"}, {"requirements.txt", "CLIENT", "dspy"},
		{"requirements", "CLIENT", "litellm"}, {"sub", "LITELLM-CONFIG", "sub/config.yaml"}, {"config.yaml", "LITELLM-CONFIG", "config.yaml"},
		{"ca.pem", "CA-BUNDLE", "ca.pem"}, {"suite.log", "LOG", "suite.log"}, {"out.json", "REPORT", "out.json"}, {"out", "REPORT", "out/report.json"},
		{".github/workflows/ci.yml", "CLIENT", "azidentity"},
	} {
		t.Run(c.pipe+" "+c.input, func(t *testing.T) {
			t.Parallel()
			workspace := t.TempDir()
			pipe := filepath.Join(workspace, c.pipe)
			mkdir(t, filepath.Dir(pipe))
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			w := env(map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": workspace, "GITHUB_REPOSITORY": "o/a", "GITHUB_WORKFLOW_REF": "o/a/.github/workflows/ci.yml@refs/heads/main",
				"INPUT_ENDPOINT": "https://octo.openai.azure.com", "INPUT_DEPLOYMENT": "d", "INPUT_IDENTITY": "client-secret", "INPUT_" + c.input: c.value,
			})
			var out bytes.Buffer
			w.Stdout, w.Stderr = &out, &out
			done := make(chan int, 1)
			go func() { done <- Main(t.Context(), w, nil) }()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("the run waits for a pipe")
			}
		})
	}
}

// TestSwappedFile: a file that is another one by the time it is opened.
func TestSwappedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, file := filepath.Join(dir, "pipe"), filepath.Join(dir, "file")
	write(t, file, "good")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	before := func(string) (fs.FileInfo, error) { return os.Stat(file) }
	for _, name := range []string{pipe, dir, "/dev/zero"} {
		done := make(chan error, 1)
		go func() {
			_, err := openOrdinary(name, fs.FileMode.IsRegular, before, os.OpenFile)
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, errIrregular) {
				t.Errorf("%s: %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("opening %s waits", name)
		}
	}
}
