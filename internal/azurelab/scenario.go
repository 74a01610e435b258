package azurelab

import "slices"

// A Scenario is a healthy world with one fact broken, and what a check should
// make of it.
type Scenario struct {
	Name    string // kebab-case
	Story   string // what happened, one sentence
	Verdict string // pass, warn, fail or skipped
	// Diagnosis is the id of the primary finding; "" for a pass.
	Diagnosis string
	// Notice is the id of a finding that a pass should carry, "" for none.
	Notice string
	Break  func(*World)
}

// World makes the scenario's world.
func (s Scenario) World() *World {
	w := Healthy()
	s.Break(w)
	return w
}

// Scenarios are all scenarios: those that pass first, the others in the order
// of the chain.
func Scenarios() []Scenario {
	return slices.Concat(passing, configScenarios, oidcScenarios, tokenScenarios, managedScenarios, networkScenarios, modelScenarios, gatewayScenarios)
}

// The verdicts.
const (
	pass    = "pass"
	warn    = "warn"
	fail    = "fail"
	skipped = "skipped"
)
