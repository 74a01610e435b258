package preflight_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// The fault matrix: every step of the chain meets everything that a network, a
// machine on the way or a broken service can do to it, once and for ever.

// faultTimeout is what the job gives the whole run.
const faultTimeout = 60 * time.Second

// A faultCell is one cell of the matrix: a row's fault at a step, once or for
// ever.
type faultCell struct {
	name       string
	step       *faultStep
	fault      azurelab.Fault
	want, says string
}

// faultCells are all that exist.
func faultCells() []faultCell {
	var cells []faultCell
	for i := range faultSteps {
		step := &faultSteps[i]
		for _, row := range faultRows {
			f := row.fault
			f.Service, f.Host, f.Skip = step.service, step.host, step.skip
			if row.forever[step.link] == cannot {
				continue
			}
			name := step.name + "/" + row.name
			cells = append(cells, faultCell{name + "/for ever", step, f, row.forever[step.link], row.says})
			f.Times = 1
			cells = append(cells, faultCell{name + "/once", step, f, row.once[step.link], row.says})
		}
	}
	for i := range cells {
		if other, ok := exceptions[cells[i].name]; ok {
			cells[i].want = other
		}
	}
	return cells
}

// world is the cell's, with its fault armed.
func (c *faultCell) world(t *testing.T) *azurelab.World {
	w := c.step.world(t)
	w.Faults = []azurelab.Fault{c.fault}
	return w
}

// met reports whether a request is one that the fault struck.
func (c *faultCell) met(r azurelab.Request) bool {
	return r.Fault == c.fault.Kind && strings.HasSuffix(r.Path, c.step.path)
}

// check looks at what came out of a run in the cell's world, whichever way it
// was run.
func (c *faultCell) check(t *testing.T, w *azurelab.World, o outcome, want string) {
	t.Helper()
	if got := o.told(); got != want {
		t.Errorf("the run ended in %q, want %q", got, want)
	}
	checkAgreement(t, o)
	checkAnnotations(t, o)
	checkInert(t, o.stdout, o.stderr)
	checkLeaks(t, w, o)
	checkContainment(t, w)
	checkAnswered(t, w, o)
	checkStepNamed(t, o, c.says)
	checkOthers(t, c.step.host, o)
	for _, r := range w.Requests() {
		if r.Service == azurelab.ServiceStranger || r.Service == azurelab.ServiceNone {
			t.Errorf("%s %s was asked", r.Method, r.Host)
		}
	}
}

// TestFaultMatrix runs the job of every cell of the matrix.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	all := faultCells()
	folders := &jobFolders{root: t.TempDir(), free: map[string][]string{}}
	var ran, struck atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d cells: %d steps, %d faults, once and for ever; the fault struck in %d", ran.Load(), len(faultSteps), len(faultRows), struck.Load())
		if want := int32(len(all)); ran.Load() != want || struck.Load() != want {
			t.Errorf("%d cells ran and the fault struck in %d, want %d", ran.Load(), struck.Load(), want)
		}
	})
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ran.Add(1)
			synctest.Test(t, func(t *testing.T) {
				w := c.world(t)
				begin := time.Now()
				dir, done := folders.take(t, c.step.name)
				o := performAt(context.Background(), t, dir, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = faultTimeout.String() })
				done()
				if took := time.Since(begin); took > faultTimeout {
					t.Errorf("the run took %s of %s", took, faultTimeout)
				}
				c.check(t, w, o, c.want)
				if slices.ContainsFunc(w.Requests(), c.met) {
					struck.Add(1)
				} else {
					t.Errorf("no request met the fault")
				}
				if t.Failed() {
					t.Logf("after %s, stdout:\n%s\nstderr:\n%s\nrequests:", time.Since(begin), shown(o.stdout), o.stderr)
					for _, r := range w.Requests() {
						t.Logf("  %s %s %s%s %d %s", r.Time.Format("15:04:05.0"), r.Service, r.Host, r.Path, r.Status, r.Fault)
					}
				}
			})
		})
	}
}

// jobFolders are the folders of jobs. A thousand cells that each make and remove
// one of their own would spend most of their time on it.
type jobFolders struct {
	root string
	mu   sync.Mutex
	made int
	free map[string][]string // by step, whose cells have the same files
}

// take is a folder for a cell of a step, and what gives it back.
func (f *jobFolders) take(t *testing.T, step string) (dir string, done func()) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.free[step]); n > 0 {
		dir, f.free[step] = f.free[step][n-1], f.free[step][:n-1]
	} else {
		f.made++
		dir = filepath.Join(f.root, strconv.Itoa(f.made))
	}
	return dir, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.free[step] = append(f.free[step], dir)
	}
}

// told is the verdict of a run as the matrix writes it.
func (o outcome) told() string {
	switch o.outputs["verdict"] {
	case "pass":
		return passes
	case "warn":
		return warning + o.outputs["diagnosis"]
	case "fail":
		return o.outputs["diagnosis"]
	}
	return fmt.Sprintf("verdict %q", o.outputs["verdict"])
}

// checkAnswered: a pass rests on answers that nothing has touched, of every
// service that was asked.
func checkAnswered(t *testing.T, w *azurelab.World, o outcome) {
	t.Helper()
	if o.outputs["verdict"] != "pass" {
		return
	}
	// These leave the body as the service wrote it.
	genuine := []azurelab.FaultKind{"", azurelab.FaultContentType, azurelab.FaultSkew}
	answered, asked := map[string]bool{}, map[string]bool{}
	for _, r := range w.Requests() {
		asked[r.Host] = true
		if r.Status == http.StatusOK && slices.Contains(genuine, r.Fault) {
			answered[r.Host] = true
		}
	}
	for host := range asked {
		if !answered[host] {
			t.Errorf("the verdict is pass, and %s never gave an answer of its own", host)
		}
	}
	for _, target := range o.report.Targets {
		if !answered[strings.TrimPrefix(target.Endpoint, "https://")] {
			t.Errorf("the verdict is pass, and %s was not asked", target.Endpoint)
		}
	}
}

// checkOthers: what strikes the target at host is no other target's failure.
func checkOthers(t *testing.T, host string, o outcome) {
	t.Helper()
	if host == "" {
		return
	}
	for _, target := range o.report.Targets {
		if struck := target.Endpoint == "https://"+host; struck != (target.Verdict != preflight.Pass) && (!struck || o.told() != passes) {
			t.Errorf("%s has the verdict %s in a run that ended in %q", target.Endpoint, target.Verdict, o.told())
		}
	}
	if len(o.report.Targets) != 2 {
		t.Errorf("%d targets in the report", len(o.report.Targets))
	}
}

// checkStepNamed: a failure says what was seen, in the cause or in its evidence.
func checkStepNamed(t *testing.T, o outcome, says string) {
	t.Helper()
	if o.outputs["verdict"] == "pass" || len(o.report.Findings) == 0 {
		return
	}
	f := o.report.Findings[0]
	if f.Severity == preflight.SeverityNotice {
		return
	}
	if text := f.Cause + "\n" + strings.Join(f.Evidence, "\n"); !strings.Contains(text, says) {
		t.Errorf("neither the cause nor the evidence says %q:\n%s", says, text)
	}
}
