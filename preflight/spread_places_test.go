package preflight

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPlacesAreFreedOnce: a call that waited for another turn and learned in
// between that its failure is known has no place to free a second time.
func TestPlacesAreFreedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		jobs := make([]*job, 2)
		for i := range jobs {
			jobs[i] = &job{host: "octo.openai.azure.com", rec: &recorder{}, scopes: []scope{{host: "octo.openai.azure.com"}}}
		}
		s := newSpread(len(jobs))
		s.line(jobs)
		for _, j := range jobs {
			if !j.turn.wait(t.Context()) {
				t.Fatal("there was room for both, and one got no turn")
			}
		}
		again := make(chan bool, 1)
		go func() { again <- jobs[0].turn.again(t.Context(), 30*time.Second) }()
		synctest.Wait() // until it has left its place
		jobs[1].turn.done(&jobs[1].scopes[0])
		if <-again {
			t.Error("a call got another turn for what is known")
		}
		jobs[0].turn.done(nil)
		if l := s.lanes[0]; s.under != 0 || l.under != 0 {
			t.Errorf("%d calls are under way, %d of them in the lane", s.under, l.under)
		}
	})
}
