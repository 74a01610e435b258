// Command conformance runs the real clients, LiteLLM, DSPy and openai-python,
// against the lab, in generated combinations of credentials, variables and
// parameters, and compares what reached the services with what
// [litellm.Resolve] says. docs/conformance.md has the recorded run.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// How many combinations a full run has for each environment.
const (
	fullLiteLLM = 1000
	fullOther   = 200
)

// ciEnvironments are those of a sample: the seed's own versions and the newest.
var ciEnvironments = []string{"litellm-1.110.2", "litellm-1.63.7", "openai-3.57.0", "dspy-2.6.4"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// options are the command line.
type options struct {
	sample  int
	seed    string
	venvs   string
	only    string
	ready   map[string]string // interpreters by the environment's name
	update  bool
	causes  bool
	oneCase string
	out     io.Writer
	mu      *sync.Mutex
}

func (o *options) printf(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	fmt.Fprintf(o.out, format, args...)
}

func run(ctx context.Context, args []string, out io.Writer) error {
	o := &options{ready: map[string]string{}, out: out, mu: &sync.Mutex{}}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	fs := flag.NewFlagSet("conformance", flag.ContinueOnError)
	fs.IntVar(&o.sample, "sample", 0, "combinations in all, over a few environments, instead of a full run")
	fs.StringVar(&o.seed, "seed", "1", "what the combinations are drawn from: a number or any text")
	fs.StringVar(&o.venvs, "venvs", filepath.Join(cache, "aoai-preflight-conformance"), "folder in which environments are made and kept")
	fs.StringVar(&o.only, "only", "", "names of the environments to run, with commas between")
	fs.BoolVar(&o.update, "update-docs", false, "write the table into docs/conformance.md")
	fs.BoolVar(&o.causes, "causes", false, "reproduce the nine causes with DSPy 2.6.4 and LiteLLM 1.63.7, and try the remedies")
	fs.StringVar(&o.oneCase, "case", "", "run one combination, as JSON")
	fs.Func("python", "a ready interpreter for an environment: NAME=PATH", func(s string) error {
		name, path, ok := strings.Cut(s, "=")
		if !ok {
			return errors.New("wanted NAME=PATH")
		}
		o.ready[name] = path
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return err
	}
	if o.causes {
		return runCauses(ctx, o)
	}
	return runAll(ctx, o)
}

// chosen are the environments of this run.
func (o *options) chosen() ([]environment, error) {
	names := ciEnvironments
	switch {
	case o.only != "":
		names = strings.Split(o.only, ",")
	case o.sample == 0:
		return o.withReady(environments), nil
	}
	var all []environment
	for _, name := range names {
		e, ok := find(name)
		if !ok && o.ready[name] == "" {
			return nil, fmt.Errorf("no environment %s", name)
		}
		all = append(all, e)
	}
	if o.only != "" {
		return all, nil
	}
	return o.withReady(all), nil
}

// withReady adds the environments that only an argument knows.
func (o *options) withReady(all []environment) []environment {
	for _, name := range sortedKeys(o.ready) {
		if e, ok := find(name); !ok {
			all = append(all, e)
		}
	}
	return all
}

// find is the environment of a name; false for one that an argument brings.
func find(name string) (environment, bool) {
	for _, e := range environments {
		if e.name == name {
			return e, true
		}
	}
	client, _, _ := strings.Cut(name, "-")
	return environment{name: name, client: client}, false
}

// seedOf is a number, or the hash of a text such as a commit.
func seedOf(text string) uint64 {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// twoAtATime does something for each of n things, and joins the errors.
func twoAtATime(n int, do func(i int) error) error {
	failures := make([]error, n)
	var wg sync.WaitGroup
	places := make(chan struct{}, 2)
	for i := range n {
		wg.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			failures[i] = do(i)
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

// prepared are the environments that can be run, with their interpreters. A
// sample does without a client of which the index has nothing at all.
func prepared(ctx context.Context, o *options) ([]environment, []string, error) {
	all, err := o.chosen()
	if err != nil {
		return nil, nil, err
	}
	pythons := make([]string, len(all))
	err = twoAtATime(len(all), func(i int) error {
		if pythons[i] = o.ready[all[i].name]; pythons[i] != "" {
			return nil
		}
		var err error
		pythons[i], err = all[i].python(ctx, o.venvs, func(format string, args ...any) { o.printf("note: "+format+"\n", args...) })
		if errors.Is(err, errUnserved) && o.sample > 0 {
			o.printf("note: %v; it is left out\n", err)
			return nil
		}
		return err
	})
	var some []environment
	var theirs []string
	for i, python := range pythons {
		if python != "" {
			some, theirs = append(some, all[i]), append(theirs, python)
		}
	}
	if err == nil && len(some) == 0 {
		err = errors.New("there is no client to run")
	}
	return some, theirs, err
}

// runAll runs the environments, two at a time, and prints the table.
func runAll(ctx context.Context, o *options) error {
	o.printf("note: conformance seed %s\n", o.seed)
	all, pythons, err := prepared(ctx, o)
	if err != nil {
		return err
	}
	started := time.Now()
	results := make([]*result, len(all))
	err = twoAtATime(len(all), func(i int) error {
		n := fullOther
		switch {
		case o.sample > 0:
			n = (o.sample + len(all) - 1) / len(all)
		case all[i].client == "litellm":
			n = fullLiteLLM
		}
		var err error
		results[i], err = runEnvironment(ctx, o, all[i], pythons[i], n)
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(started)
	o.printf("\n%s\n%s\n", table(results), took.Round(time.Second))
	if o.update {
		if err := updateDocs(o, results, took); err != nil {
			return err
		}
	}
	bad := 0
	for _, r := range results {
		bad += r.differing
		o.printf("note: %s %d combinations, %d disagree\n", r.versions(), r.combinations, r.differing)
	}
	if bad > 0 {
		return fmt.Errorf("%d combinations in which Resolve and the client disagree", bad)
	}
	return nil
}

// runEnvironment runs n of an environment's combinations.
func runEnvironment(ctx context.Context, o *options, e environment, python string, n int) (*result, error) {
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	l, err := newLab(ctx, dir)
	if err != nil {
		return nil, err
	}
	defer l.proxy.Close()
	d, err := startDriver(ctx, l, python)
	if err != nil {
		return nil, err
	}
	defer d.close()
	r := &result{environment: e, release: d.release}
	t := &trial{lab: l, driver: d, versions: d.release.versions()}
	if o.oneCase != "" {
		return r, t.one(o)
	}
	g := newGenerator(seedOf(o.seed), e)
	for range n {
		c := g.next()
		differences, err := t.run(c)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", e.name, c, err)
		}
		if len(differences) > 0 {
			// What the machine did, and not a rule, is not there twice.
			once := differences
			if differences, err = t.run(c); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", e.name, c, err)
			}
			if len(differences) == 0 {
				o.printf("note: %s: once, and not again: %s: %s\n", e.name, c, once[0])
			}
		}
		r.add(c, &t.said, differences)
	}
	return r, r.explain(o, t)
}

// A trial is what combinations are run with.
type trial struct {
	lab      *lab
	driver   *driver
	versions litellm.Versions
	said     litellm.Sending // of the last combination
	seen     *observation
}

// run runs a combination both ways.
func (t *trial) run(c *combination) ([]difference, error) {
	var err error
	if t.seen, err = t.lab.observe(t.driver, c); err != nil {
		return nil, err
	}
	t.said = litellm.Resolve(t.lab.call(c, t.versions))
	return t.lab.compare(c, &t.said, t.seen), nil
}

// one runs and shows the combination of the argument.
func (t *trial) one(o *options) error {
	c := &combination{}
	if err := json.Unmarshal([]byte(o.oneCase), c); err != nil {
		return err
	}
	differences, err := t.run(c)
	if err != nil {
		return err
	}
	o.printf("%s\nthe client: %s\nResolve: %s\n", c, t.lab.show(t.seen), t.lab.showSaid(&t.said))
	for _, d := range differences {
		o.printf("DISAGREE %s\n", d)
	}
	return nil
}
