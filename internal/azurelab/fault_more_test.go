package azurelab

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// TestMadeFaults meets what is made to hurt a reader through both doors.
func TestMadeFaults(t *testing.T) {
	for name, door := range map[string]func(testing.TB, *World) *http.Client{"in process": inProcess, "proxy": throughProxy} {
		t.Run(name, func(t *testing.T) {
			w := Healthy()
			c := door(t, w)
			ask := func(f Fault) (*http.Response, error) {
				f.Service = ServiceModel
				w.Update(func(w *World) { w.Faults = []Fault{f} })
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, modelsURL, nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Api-Key", w.Resources[0].Keys[0])
				return c.Do(r)
			}
			if resp, err := ask(Fault{Kind: FaultResetHeaders}); err == nil {
				resp.Body.Close()
				t.Error("half a header is read as one")
			}

			resp, err := ask(Fault{Kind: FaultGzipBomb})
			if err != nil {
				t.Fatal(err)
			}
			const some = 8 << 20
			n, err := io.CopyN(io.Discard, resp.Body, some)
			if n != some || err != nil || !resp.Uncompressed || resp.ContentLength != -1 {
				t.Errorf("%d bytes of %d, %v", n, resp.ContentLength, err)
			}
			resp.Body.Close()

			resp, err = ask(Fault{Kind: FaultInvalidUTF8})
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK || utf8.Valid(b) || !strings.Contains(string(b), `"object"`) {
				t.Errorf("status %d, %q, %v", resp.StatusCode, b, err)
			}

			c.CloseIdleConnections() // those speak HTTP/2
			resp, err = ask(Fault{Kind: FaultRawClosed, Body: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 299 Odd\r\nContent-Length: 4\r\n\r\nab"})
			if err != nil {
				t.Fatal(err)
			}
			b, err = io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 299 || string(b) != "ab" || err == nil {
				t.Errorf("status %d, %q, %v", resp.StatusCode, b, err)
			}

			for _, k := range []FaultKind{FaultResetStream, FaultGoAway} {
				if resp, err := ask(Fault{Kind: k}); err == nil {
					resp.Body.Close()
					t.Errorf("%s lets the headers through", k)
				}
			}
			for k, says := range map[FaultKind]string{FaultResetStreamBody: "INTERNAL_ERROR; received from peer", FaultGoAwayBody: errGoAway.Error()} {
				resp, err := ask(Fault{Kind: k})
				if err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err == nil || !strings.Contains(err.Error(), says) || len(b) == 0 {
					t.Errorf("%s: %d bytes, %v", k, len(b), err)
				}
			}

			resp, err = ask(Fault{Kind: FaultStatus, Status: 429, RetryAfter: time.Minute, RetryForm: RetryDate, Skew: time.Hour, Header: map[string]string{"X-Odd": "yes"}})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			at, err := http.ParseTime(resp.Header.Get("Retry-After"))
			if in := time.Until(at); err != nil || in < time.Hour || in > time.Hour+time.Minute || resp.Header.Get("X-Odd") != "yes" {
				t.Errorf("%v: %v", resp.Header, err)
			}

			resp, err = ask(Fault{Kind: FaultSkew, Skew: -time.Hour})
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			date, err := http.ParseTime(resp.Header.Get("Date"))
			if ago := time.Since(date); err != nil || ago < 59*time.Minute || ago > 61*time.Minute {
				t.Errorf("the answer is %s old: %v", ago, err)
			}
		})
	}
}

// TestSkip strikes the second request and no other.
func TestSkip(t *testing.T) {
	w := Healthy()
	w.Faults = []Fault{{Service: ServiceModel, Kind: FaultEmpty, Skip: 1, Times: 1}}
	c := inProcess(t, w)
	for i, empty := range []bool{false, true, false} {
		if got, err := get(context.Background(), w, c); err != nil || (got == "") != empty {
			t.Errorf("answer %d is %q, %v", i, got, err)
		}
	}
}
