package preflight

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Many targets are called side by side, but no resource gets more at once than
// it would from a suite: the resources take turns, one that asks to wait is
// waited for while the others go on, and a call that would only repeat a
// failure which is known is not made.

const (
	perResource = 8  // calls to one resource that are under way at once
	inAll       = 64 // and to all of them
)

// Before many calls go to where none has been, one goes ahead: what all of them
// would fail of, it fails of alone. It is waited for only so long, since a
// refusal is quick and a model that thinks is not; while it gets nothing but
// failures, longer.
const (
	scoutPatience = time.Second
	scoutTrouble  = 5 * time.Second
)

// A spread decides when which call is made, over all credentials of a run.
type spread struct {
	scouting bool // one goes ahead: so few calls that all go at once need none

	mu     sync.Mutex
	lanes  []*lane // in the order of the configuration
	at     int     // whose turn it is
	under  int     // calls under way
	scopes map[scope]*standing
}

// newSpread is for so many calls in all.
func newSpread(calls int) *spread {
	return &spread{scouting: calls > perResource, scopes: map[scope]*standing{}}
}

// A lane is the calls to one resource.
type lane struct {
	resource string
	limit    int // calls at once, less after a 429
	under    int
	rest     time.Time // it asked to be left alone until then
	queue    []*turn
}

// A scope is what calls have in common that can fail for all of them, from the
// wide to the narrow: the way to a host; a credential on a surface of its
// service; a data action there.
type scope struct {
	host    string
	who     *run   // whose credential
	headers string // that the client's configuration adds
	surface string
	action  string
}

// A standing is what is known of a scope.
type standing struct {
	tried  bool  // a call has been let through
	scout  *turn // whose return is waited for, nil for none
	broken *job  // what showed that all calls fail, nil when nothing did
}

// A turn is a call's place in its lane.
type turn struct {
	job    *job
	spread *spread
	lane   *lane
	scopes []*standing
	after  time.Time // not before
	ready  chan struct{}
	shares *job // instead of a call: the one whose failure is this one's too
	under  bool // it has a place among the calls under way

	scouts  *time.Timer // runs out when it is no longer waited for
	started time.Time
}

// line puts jobs into the lanes in their order, before any of them is called.
func (s *spread) line(jobs []*job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		t := &turn{job: j, spread: s, lane: s.lane(laneOf(j.host)), ready: make(chan struct{})}
		for _, c := range j.scopes {
			if s.scopes[c] == nil {
				s.scopes[c] = &standing{}
			}
			t.scopes = append(t.scopes, s.scopes[c])
		}
		t.lane.queue = append(t.lane.queue, t)
		j.turn = t
	}
	s.sweep()
	s.grant()
}

func (s *spread) lane(resource string) *lane {
	for _, l := range s.lanes {
		if l.resource == resource {
			return l
		}
	}
	l := &lane{resource: resource, limit: perResource}
	s.lanes = append(s.lanes, l)
	return l
}

// laneOf is the resource behind a host: in Azure's own zones it has its name in
// several of them.
func laneOf(host string) string {
	host = strings.ToLower(host)
	label, zone, _ := strings.Cut(host, ".")
	if c := cloudOf(host); c != nil && !strings.HasPrefix(zone, "api.cognitive.") {
		return c.Name + " " + label
	}
	return host
}

// grant lets calls through while there is room, the lanes in turns. The caller
// holds s.mu, as of all that follow without a lock.
func (s *spread) grant() {
	for idle := 0; idle < len(s.lanes); idle++ {
		l := s.lanes[s.at]
		s.at = (s.at + 1) % len(s.lanes)
		if t := s.next(l); t != nil {
			s.let(t)
			idle = -1
		}
	}
}

// sweep takes those out of the lanes that share a failure.
func (s *spread) sweep() {
	for _, l := range s.lanes {
		l.queue = slices.DeleteFunc(l.queue, func(t *turn) bool {
			i := slices.IndexFunc(t.scopes, func(st *standing) bool { return st.broken != nil })
			if i < 0 {
				return false
			}
			t.shares = t.scopes[i].broken
			close(t.ready)
			return true
		})
	}
}

// next takes the first of a lane that may go now, nil when none may.
func (s *spread) next(l *lane) *turn {
	now := time.Now()
	if len(l.queue) == 0 || s.under == inAll || l.under >= l.limit || now.Before(l.rest) {
		return nil
	}
	i := slices.IndexFunc(l.queue, func(t *turn) bool { return !now.Before(t.after) && !t.held() })
	if i < 0 {
		return nil
	}
	t := l.queue[i]
	l.queue = slices.Delete(l.queue, i, i+1)
	return t
}

// held reports whether a call waits for one that went ahead.
func (t *turn) held() bool {
	return slices.ContainsFunc(t.scopes, func(st *standing) bool { return st.scout != nil })
}

// let makes a call go. Where none has been before, it goes ahead of the others.
func (s *spread) let(t *turn) {
	s.under++
	t.lane.under++
	t.under = true
	t.started = time.Now()
	for _, st := range t.scopes {
		if s.scouting && !st.tried {
			st.scout = t
			if t.scouts == nil {
				t.scouts = time.AfterFunc(scoutPatience, t.impatient)
			}
		}
		st.tried = true
	}
	close(t.ready)
}

// impatient ends the waiting for a call that went ahead, unless it has met
// failures only and may still show that all would.
func (t *turn) impatient() {
	s := t.spread
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := last(t.job.rec.list()); x != nil && !x.OK() && time.Since(t.started) < scoutTrouble {
		t.scouts.Reset(scoutPatience)
		return
	}
	t.back()
	s.grant()
}

// back ends the waiting for a call.
func (t *turn) back() {
	if t.scouts != nil {
		t.scouts.Stop()
	}
	for _, st := range t.scopes {
		if st.scout == t {
			st.scout = nil
		}
	}
}

// leave frees the place of a call, if it has one: one that waited for another
// turn in vain has left before.
func (t *turn) leave() {
	t.back()
	if t.under {
		t.under = false
		t.lane.under--
		t.spread.under--
	}
}

// wait is for the call's turn. It returns false when there will be none: the
// call's failure is known (t.shares), or the time is over.
func (t *turn) wait(ctx context.Context) bool {
	select {
	case <-t.ready:
	case <-ctx.Done():
	}
	s := t.spread
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-t.ready:
		if t.shares == nil && ctx.Err() != nil {
			t.leave()
			s.grant()
			return false
		}
		return t.shares == nil
	default:
		t.lane.queue = slices.DeleteFunc(t.lane.queue, func(other *turn) bool { return other == t })
		return false
	}
}

// done frees the call's place. broken is the widest scope that its failure
// holds for, nil when that is its own.
func (t *turn) done(broken *scope) {
	s := t.spread
	s.mu.Lock()
	defer s.mu.Unlock()
	t.leave()
	if x := last(t.job.rec.list()); x != nil && x.Status == 429 {
		t.lane.limit = 1
	} else {
		t.lane.limit = min(2*t.lane.limit, perResource)
	}
	if broken != nil {
		if st := s.scopes[*broken]; st.broken == nil {
			st.broken = t.job
			s.sweep()
		}
	}
	s.grant()
}

// rest keeps further calls from a resource that asked to be left alone for d.
func (t *turn) rest(d time.Duration) {
	t.spread.mu.Lock()
	defer t.spread.mu.Unlock()
	t.spread.leaveAlone(t.lane, d)
}

func (s *spread) leaveAlone(l *lane, d time.Duration) {
	if until := time.Now().Add(d); until.After(l.rest) {
		l.rest = until
		s.wake(d)
	}
}

// wake looks after d who may go.
func (s *spread) wake(d time.Duration) {
	time.AfterFunc(d, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.grant()
	})
}

// again lets a resource alone as long as it asked, d, and waits for another
// turn, behind the others. These are held up no longer than for half of the
// time that is left: the limit may be that of one deployment. again returns
// false when the turn does not come.
func (t *turn) again(ctx context.Context, d time.Duration) bool {
	s := t.spread
	s.mu.Lock()
	t.leave()
	s.leaveAlone(t.lane, min(d, room(ctx)/2))
	t.lane.limit = 1
	t.after = time.Now().Add(d)
	s.wake(d)
	t.ready = make(chan struct{})
	t.lane.queue = append(t.lane.queue, t)
	s.sweep()
	s.grant()
	s.mu.Unlock()
	return t.wait(ctx)
}
