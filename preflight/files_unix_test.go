//go:build unix

package preflight

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// TestRootsBounded names, as the system's certificate authorities, what would
// never end: crypto/x509 reads it whole. The run says so and asks nobody; with a
// bundle of its own it reads the system's as well.
func TestRootsBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"pipes", "devices", "many", "links"} {
		mkdir(t, at(name))
	}
	for _, name := range []string{"pipe", "pipes/ca.pem"} {
		if err := syscall.Mkfifo(at(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"devices/zero.pem": "/dev/zero", "zero.pem": "/dev/zero", "links/null.pem": os.DevNull, "links/gone.pem": at("gone")} {
		if err := os.Symlink(to, at(from)); err != nil {
			t.Fatal(err)
		}
	}
	for name, size := range map[string]int64{"huge.pem": 1 << 34, "many/a.pem": maxRoots - 1, "many/b.pem": 2, "good.pem": 1} {
		write(t, at(name), "")
		if err := os.Truncate(at(name), size); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ variable, value, says string }{
		{"SSL_CERT_FILE", at("pipe"), "is a pipe"},
		{"SSL_CERT_FILE", "/dev/zero", "is a device"},
		{"SSL_CERT_FILE", at("zero.pem"), "is a device"},
		{"SSL_CERT_FILE", at("huge.pem"), "has more than"},
		{"SSL_CERT_DIR", at("pipes"), `has "ca.pem", which is a pipe`},
		{"SSL_CERT_DIR", at("links") + ":" + at("devices"), `has "zero.pem", which is a device`},
		{"SSL_CERT_DIR", at("many"), "has files of more than"},
		// These end, and crypto/x509 has other places to look.
		{"SSL_CERT_FILE", os.DevNull, ""},
		{"SSL_CERT_FILE", at("good.pem"), ""},
		{"SSL_CERT_FILE", at("nowhere"), ""},
		{"SSL_CERT_FILE", dir, ""},
		{"SSL_CERT_DIR", at("links") + "::" + at("nowhere"), ""},
		{"SSL_CERT_DIR", dir, `has "huge.pem", which has more than`},
	} {
		vars := map[string]string{
			"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": dir, "INPUT_CA-BUNDLE": "nowhere.pem", c.variable: c.value,
			"INPUT_ENDPOINT": "https://octo.openai.azure.com", "INPUT_DEPLOYMENT": "d", "INPUT_IDENTITY": "api-key", "AZURE_OPENAI_API_KEY": "0123456789abcdef",
		}
		w := env(vars)
		var out bytes.Buffer
		w.Stdout, w.Stderr = &out, &out
		if exit := Main(t.Context(), w, nil); exit != 1 {
			t.Errorf("exit code %d", exit)
		}
		told := strings.Contains(out.String(), "The setting "+c.variable) && strings.Contains(out.String(), c.says)
		if told != (c.says != "") {
			t.Errorf("%s=%s: want %q in\n%s", c.variable, c.value, c.says, out.String())
		}
		if !strings.Contains(out.String(), "[cfg-input-invalid]") {
			t.Errorf("%s=%s: another finding than that of the configuration:\n%s", c.variable, c.value, out.String())
		}
	}
}

// TestChainFilesBounded: what azidentity's chain would read for ever is found
// before.
func TestChainFilesBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, variable := range []string{"AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE"} {
		for value, says := range map[string]string{pipe: "is a pipe", "/dev/zero": "is a device"} {
			w := env(map[string]string{
				"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": dir, variable: value, "INPUT_IDENTITY": "default-azure-credential",
				"INPUT_ENDPOINT": "https://octo.openai.azure.com", "INPUT_DEPLOYMENT": "d",
			})
			var out bytes.Buffer
			w.Stdout, w.Stderr = &out, &out
			if exit := Main(t.Context(), w, nil); exit != 1 || !strings.Contains(out.String(), "The setting "+variable) || !strings.Contains(out.String(), says) {
				t.Errorf("%s=%s: exit code %d\n%s", variable, value, exit, out.String())
			}
		}
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
