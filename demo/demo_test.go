package main

import (
	"context"
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
