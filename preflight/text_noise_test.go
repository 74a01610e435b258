package preflight

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// noises are complaints that a job can make all the time without that they
// matter, and how many lines stand between two of them.
var noises = []struct {
	name  string
	every int
	line  string
}{
	{"tool calls", 20, "ERROR Error code: 400 - {'error': {'message': 'tool call invalid'}}"},
	{"retries", 20, "WARNING RateLimitError: 429 retrying in 2 s"},
	{"a cache", 5, "ERROR Connection refused localhost:6379"},
	{"a prefix", 1, "error: AADSTS"},
	{"a pointer", 1, "see AADSTS codes at https://learn.microsoft.com/entra/identity-platform/reference-error-codes"},
	{"other words each time", 2, "ERROR Error code: 400 - tool %s said %s"},
}

// noisyLog is a log of about size bytes with one error in its middle.
func noisyLog(size, every int, line string) []byte {
	var b bytes.Buffer
	told := false
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "2026-11-20T08:%02d:%02d.%07dZ ", i/60%60, i%60, i%10000000)
		switch {
		case i%every != 0:
			fmt.Fprintf(&b, "scored answer %d of the evaluation set\n", i)
		case strings.Contains(line, "%s"):
			fmt.Fprintf(&b, line+"\n", letters(i), letters(7*i))
		default:
			b.WriteString(line + "\n")
		}
		if !told && b.Len() > size/2 {
			told = true
			b.WriteString(pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage)) + "\n")
		}
	}
	return b.Bytes()
}

// letters are a number without digits.
func letters(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'g' }, fmt.Sprint(n))
}

// TestNoiseIsJudgedOnce: what is looked at must not grow with the log, and the
// error in the middle of the noise is found.
func TestNoiseIsJudgedOnce(t *testing.T) {
	t.Parallel()
	for _, n := range noises {
		log := noisyLog(1<<20, n.every, n.line)
		s := newTextScan()
		for line := range bytes.Lines(log) {
			s.line(line)
		}
		var ids []string
		for _, f := range findings(s.finish()) {
			ids = append(ids, f.ID)
		}
		if !slices.Contains(ids, "aoai-rbac-missing-data-action") {
			t.Errorf("%s: the error is lost: %v", n.name, ids)
		}
		if s.closed > 4*maxAgain {
			t.Errorf("%s: %d errors were put together", n.name, s.closed)
		}
	}
}

// TestAgainAfterMany: what stands behind many lines like it is still told apart
// by its status, its code or its words, and a chain that fails for good after
// it has got tokens all day has failed.
func TestAgainAfterMany(t *testing.T) {
	t.Parallel()
	gap := strings.Repeat("scored another answer of the set\n", 20)
	noise := strings.Repeat("ERROR Error code: 400 - {'error': {'code': 'octo_tool', 'message': 'tool call invalid'}}\nGET /a RESPONSE 401: 401 Unauthorized\nerror: AADSTS\n"+gap, 60)
	unavailable := "WARNING: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\n"
	var complaints strings.Builder
	for i := range 500 {
		fmt.Fprintf(&complaints, "%s was not found in the cache\n", letters(i))
	}
	for _, test := range []struct{ log, want string }{
		{noise + azidentityBlock("ClientSecretCredential", "POST", "https://login.microsoftonline.com/"+caseTenant+"/oauth2/v2.0/token", 401, entraBody("invalid_client", 7000222, "The provided client secret keys are expired.")) + "\n" + noise, "entra-secret-expired"},
		{noise + "openai.NotFoundError: Error code: 404 - {\n  'error': {\n    'code': 'DeploymentNotFound',\n    'message': 'no'}}\n" + noise, "aoai-deployment-not-found"},
		{complaints.String() + "Error: the frobnicator could not be calibrated\n", idUnknown},
		{strings.Repeat(unavailable+"azure.identity - INFO - DefaultAzureCredential acquired a token from AzureCliCredential\n"+gap, 30) + unavailable, primary(t, unavailable)},
	} {
		fs, err := DiagnoseInput(strings.NewReader(test.log))
		if err != nil || !slices.ContainsFunc(fs, func(f Finding) bool { return f.ID == test.want }) {
			t.Errorf("want %q, got %v, %v", test.want, fs, err)
		}
	}
}

func BenchmarkDiagnoseNoise(b *testing.B) {
	for _, n := range noises {
		b.Run(n.name, func(b *testing.B) {
			log := noisyLog(50<<20, n.every, n.line)
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := DiagnoseInput(bytes.NewReader(log)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
