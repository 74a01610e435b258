package main

import (
	"context"
	"regexp"
	"strings"
	"testing"
)

// TestNetworkDoor plays worlds over real sockets and real TLS: what the
// in-process transport of the other tests cannot show is how the connection
// itself fails.
func TestNetworkDoor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"healthy", "client-secret", "client-certificate", "managed-identity", "workload-identity", "gateway", "several-deployments", "cut-answer",
		"no-role", "wrong-branch", "no-permission", "redirect", "captive-portal", "hostile-error", "oversize-error",
		"no-such-host", "entra-unreachable", "model-unreachable", "proxy-refuses", "tls-inspection", "tls-expired", "tls-wrong-host",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := find(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := perform(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			if v, d := output(p.outputs, "verdict"), output(p.outputs, "diagnosis"); v != s.Verdict || d != s.Diagnosis {
				t.Errorf("verdict %q, diagnosis %q; want %q, %q\n%s", v, d, s.Verdict, s.Diagnosis, p.log)
			}
			wantError := s.Verdict == "fail"
			if got := strings.Contains(p.log, "\n::error "); got != wantError || (p.exit == 1) != wantError {
				t.Errorf("an error annotation: %t, exit code %d, with verdict %s", got, p.exit, s.Verdict)
			}
			if !strings.Contains(p.summary, "preflight: "+s.Verdict) {
				t.Errorf("summary:\n%s", p.summary)
			}
		})
	}
}

// TestRedToGreen does what a newcomer does: the command out of the summary is
// pasted as it stands there, and the same job passes.
func TestRedToGreen(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"no-role", "wrong-branch", "immutable-subject"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := find(name)
			if err != nil {
				t.Fatal(err)
			}
			p, err := perform(context.Background(), s)
			if err != nil {
				t.Fatal(err)
			}
			block := regexp.MustCompile("(?s)```sh\n(.*?)\n(\n|```)").FindStringSubmatch(p.summary)
			if block == nil {
				t.Fatalf("no command in the summary:\n%s", p.summary)
			}
			if !strings.Contains(block[1], " \\\n") {
				t.Errorf("not wrapped: %s", block[1])
			}
			for _, ending := range []string{"\n", "\r\n"} {
				var out strings.Builder
				script := strings.ReplaceAll(block[1]+"\n", "\n", ending)
				if err := paste(context.Background(), &out, strings.NewReader(script), name); err != nil {
					t.Errorf("%v\n%s", err, out.String())
				}
				if red, green, ok := strings.Cut(out.String(), "The same job again:"); !ok || !strings.Contains(red, "Verdict: fail") || !strings.Contains(green, "Verdict: pass") {
					t.Errorf("not from red to green:\n%s", out.String())
				}
			}
			var out strings.Builder
			if err := paste(context.Background(), &out, strings.NewReader("az account show\n"), name); err == nil {
				t.Errorf("another command mends it too:\n%s", out.String())
			}
		})
	}
}

// TestFix does what the finding says, where that is no command.
func TestFix(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"no-role", "no-permission", "scope-management", "no-such-deployment", "client-id-malformed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := fix(context.Background(), &out, name); err != nil || !strings.Contains(out.String(), "Verdict: pass") {
				t.Errorf("%v\n%s", err, out.String())
			}
		})
	}
	if err := fix(context.Background(), new(strings.Builder), "healthy"); err == nil {
		t.Error("a healthy world was mended")
	}
}
