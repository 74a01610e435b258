// Package preflight proves that an identity can call an Azure OpenAI
// deployment, or names the cause and the fix.
//
// The data flows one way:
//
//	inputs and environment                 inputs.go settings.go config.go endpoint.go event.go identity.go
//	  → Run: config → oidc → token → call  run.go run_report.go propagation.go provided.go roots.go github.go entra.go tool.go claims.go
//	                                       openai.go call.go letin.go subscription.go probe.go names.go
//	                                       targets.go spread.go shared.go warm.go
//	  (of another client: the plan)        client*.go plan.go parts.go static.go litellm/
//	  → Evidence, from the wire            evidence.go wire*.go fault.go errorbody.go debug.go
//	  → Diagnose walks the Catalogue       diagnose.go match.go catalogue_*.go retired.go evidencelines.go
//	  → Findings in a Report               report.go gather.go workflow.go diff.go
//	  → renderers                          annotate.go summary.go shellwrap.go render.go explain.go
//	  → exit code                          command.go
//
// A pasted text becomes [Evidence] too (text*.go), thinner than a run's, and
// meets the same catalogue. The catalogue and the walk are pure: they import
// nothing that reaches outside.
//
// [World] is every way in which the package reaches outside itself. A [Secret]
// cannot be printed, and only wire.go and the credential code reveal one.
package preflight
