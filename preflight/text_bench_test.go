package preflight

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// bigLog is a job's log of about size bytes, as a runner writes it: progress,
// requests that were answered, retries, other tools' complaints, and in its
// middle the one error that counts.
func bigLog(size int) []byte {
	var b bytes.Buffer
	b.Grow(size + 1<<20)
	told := false
	for i := 0; b.Len() < size; i++ {
		stamp := fmt.Sprintf("2026-11-20T08:%02d:%02d.%07dZ ", i/60%60, i%60, i%10000000)
		switch {
		case i%1000 == 17:
			b.WriteString(stamp + fmt.Sprintf("WARNING: retrying (%d): connection reset by peer while reading https://files.octo.example/wheel-%d.whl\n", i%7, i))
		case i%400 == 3:
			b.WriteString(stamp + "tests/test_parser.py::test_error_paths[" + fmt.Sprint(i) + "] PASSED: raised ValueError: invalid literal as expected\n")
		case i%50 == 5:
			b.WriteString(stamp + "INFO:httpx:HTTP Request: POST https://octo-evals.openai.azure.com/openai/deployments/evals-mini/chat/completions?api-version=2024-10-21 \"HTTP/1.1 200 OK\"\n")
		default:
			b.WriteString(stamp + fmt.Sprintf("\x1b[32m[%06d]\x1b[0m scored answer %d of the evaluation set: exact match 0.%03d, judged helpful by the second model\n", i, i, i%1000))
		}
		if !told && b.Len() > size/2 {
			told = true
			for line := range strings.Lines(pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage)) + "\n") {
				b.WriteString(stamp + line)
			}
		}
	}
	return b.Bytes()
}

func BenchmarkDiagnoseLog(b *testing.B) {
	log := bigLog(50 << 20)
	b.SetBytes(int64(len(log)))
	b.ReportAllocs()
	for b.Loop() {
		fs, err := DiagnoseInput(bytes.NewReader(log))
		if err != nil || len(fs) == 0 || fs[0].ID != "aoai-rbac-missing-data-action" {
			b.Fatalf("%v, %v", fs, err)
		}
	}
}

// TestLogIsReadAsAStream: what is kept must not grow with the log.
func TestLogIsReadAsAStream(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 50 MB")
	}
	log := bigLog(50 << 20)
	logSearcher() // built once, whatever is read
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	r := &watchedReader{r: bytes.NewReader(log), each: func() {
		runtime.GC() // what is garbage is not kept
		runtime.ReadMemStats(&after)
		if after.HeapAlloc > before.HeapAlloc {
			peak = max(peak, after.HeapAlloc-before.HeapAlloc)
		}
	}}
	fs, err := DiagnoseInput(r)
	if err != nil || len(fs) == 0 || fs[0].ID != "aoai-rbac-missing-data-action" {
		t.Fatalf("%v, %v", fs, err)
	}
	if peak > 16<<20 {
		t.Errorf("reading a log of 50 MB kept %d MB", peak>>20)
	}
}

// A watchedReader looks around every few hundred reads.
type watchedReader struct {
	r    io.Reader
	n    int
	each func()
}

func (w *watchedReader) Read(p []byte) (int, error) {
	if w.n++; w.n%64 == 0 {
		w.each()
	}
	return w.r.Read(p)
}

// BenchmarkDiagnoseOneLine reads a log without any line break.
func BenchmarkDiagnoseOneLine(b *testing.B) {
	log := bytes.ReplaceAll(bigLog(8<<20), []byte("\n"), []byte(" "))
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		if _, err := DiagnoseInput(bytes.NewReader(log)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDiagnoseErrors reads a log of nothing but errors, each a little
// different.
func BenchmarkDiagnoseErrors(b *testing.B) {
	var buf bytes.Buffer
	for i := range 20000 {
		c := textCases[i%len(textCases)]
		fmt.Fprintf(&buf, "attempt %d of %s\n%s\n", i, strings.Repeat(string(rune('a'+i%26)), i%37), c.text)
	}
	b.SetBytes(int64(buf.Len()))
	for b.Loop() {
		if _, err := DiagnoseInput(bytes.NewReader(buf.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}
