package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// A rawRow is what a server sends that keeps to no protocol, and what must come
// of it where it is GitHub, Entra or the model that does.
type rawRow struct {
	name  string
	bytes string
	close bool
	want  [3]string
}

var (
	rawCut     = [3]string{"oidc-request-failed", "net-entra-unreachable", "net-unreachable"}
	rawLate    = [3]string{"oidc-request-failed", "net-entra-unreachable", "net-timeout"}
	rawForeign = [3]string{"oidc-request-failed", "net-unexpected-answer", "net-unexpected-answer"}
	rawFailing = [3]string{"oidc-request-failed", "entra-server-error", "aoai-server-error"}
)

func rawRows() []rawRow {
	const (
		busy    = `{"error":{"code":"x","message":"pwned"}}`
		chunked = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
	)
	answer := func(status, headers, body string) string {
		return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s", status, headers, len(body), body)
	}
	return []rawRow{
		// net/http says on stderr what it was sent.
		{"bytes that nobody asked for", answer("503 Busy", "", busy) + "##[error]pwned\r\n::error::pwned\r\n", true, rawFailing},
		{"no HTTP", "##[error]pwned\r\n::error::pwned\r\n\r\n", true, rawCut},
		{"a header that is none", "HTTP/1.1 200 OK\r\n##[error]pwned\r\n\r\n", true, rawCut},
		{"a status that is a command", answer("500 ##[error]pwned", "X-Request-Id: ##[error]pwned\r\n", "{}"), true, rawFailing},
		{"a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n##[error]pwned", true, rawCut},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}\n", true, rawCut},
		{"a chunk that is none", chunked + "##[error]pwned\r\n", true, rawCut},
		{"chunks that are cut", chunked + "5\r\n{\"a\":\r\n", true, rawCut},
		{"trailers without end", chunked + "2\r\n{}\r\n0\r\n" + strings.Repeat("X: "+strings.Repeat("y", 60)+"\r\n", 30_000), true, rawCut},
		{"a chunk's extension without end", chunked + "2;" + strings.Repeat("x", 1<<20), true, rawCut},
		{"hints without end", strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 20_000), true, rawCut},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: pwned\r\n\r\n", true, rawForeign},
		{"no content", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", true, rawForeign},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n", true, rawForeign},
		{"silence", "", false, rawLate},
		{"half a status line", "HTTP/1.1 2", false, rawLate},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", false, rawLate},
		{"another protocol that stays", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: pwned\r\n\r\n", false, rawForeign},
	}
}

// TestRawAnswers meets servers that keep to no protocol, over real sockets: the
// run fails for what it is, ends in time, and nothing that they send is a
// command to the runner, whoever prints it.
func TestRawAnswers(t *testing.T) {
	t.Parallel()
	for i, service := range []azurelab.Service{azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceModel} {
		for _, row := range rawRows() {
			t.Run(string(service)+"/"+row.name, func(t *testing.T) {
				t.Parallel()
				// The silent are waited for; with the others the program is done by itself,
				// as late as the machine is busy.
				timeout, kind := 8*time.Second, azurelab.FaultRaw
				if row.close {
					timeout, kind = time.Minute, azurelab.FaultRawClosed
				}
				x := injection{
					verdict: "fail", silent: true,
					world: func(w *azurelab.World) { w.Faults = []azurelab.Fault{{Service: service, Kind: kind, Body: row.bytes}} },
					job:   func(env map[string]string, _ func(string, string)) { env["INPUT_TIMEOUT"] = timeout.String() },
				}
				begin := time.Now()
				s := perform(t, x, "")
				if took := time.Since(begin); took > timeout+10*time.Second { // of a busy machine, or a container
					t.Errorf("the run took %s of %s", took, timeout)
				}
				s.check(t, x)
				if s.stderr != "" {
					t.Errorf("stderr: %.500q", s.stderr)
				}
				pairs, err := actionsrunner.Pairs(s.outputs)
				if err != nil || !slices.Contains(pairs, actionsrunner.Pair{Name: "diagnosis", Value: row.want[i]}) {
					t.Errorf("the outputs are %q, %v, want %s", pairs, err, row.want[i])
				}
				if t.Failed() {
					t.Logf("stdout:\n%.4000s", s.withoutMasks())
				}
			})
		}
	}
}

// TestVerboseTransport asks net/http for its own log, which has every header:
// no credential is in what the program prints.
func TestVerboseTransport(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"http2debug=1", "http2debug=2"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			x := injection{verdict: "pass", silent: true, job: func(env map[string]string, _ func(string, string)) { env["GODEBUG"] = setting }}
			s := perform(t, x, "")
			s.check(t, x)
			if s.stderr != "" {
				t.Errorf("stderr: %.500q", s.stderr)
			}
		})
	}
}

// TestNothingBesideTheWire: MSAL's own search for a region asks nobody, and the
// proxy is named in the report, for a client's configuration too.
func TestNothingBesideTheWire(t *testing.T) {
	t.Parallel()
	x := injection{verdict: "pass", silent: true, job: func(env map[string]string, write func(string, string)) {
		env["AZURE_REGIONAL_AUTHORITY_NAME"], env["MSAL_FORCE_REGION"] = "TryAutoDetect", "TryAutoDetect"
		write("config.yaml", hostileConfig("chat"))
		env["INPUT_LITELLM-CONFIG"] = "config.yaml"
		delete(env, "INPUT_ENDPOINT")
	}}
	s := perform(t, x, "")
	s.check(t, x)
	for _, r := range s.world.Requests() {
		switch r.Service {
		case azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceModel:
		default:
			t.Errorf("%s %s%s was asked", r.Method, r.Host, r.Path)
		}
	}
	var report preflight.Report
	if err := json.Unmarshal([]byte(s.reports[0]), &report); err != nil || report.Environment.Proxy == "" {
		t.Errorf("the report names the proxy %q, %v", report.Environment.Proxy, err)
	}
	if t.Failed() {
		t.Logf("stdout:\n%s", s.withoutMasks())
	}
}
