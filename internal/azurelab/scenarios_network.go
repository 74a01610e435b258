package azurelab

import "net/http"

var networkScenarios = []Scenario{
	{
		Name: "no-such-host", Verdict: fail, Diagnosis: "net-dns-not-found",
		Story: "The endpoint has a typing error; no such resource exists.",
		Break: func(w *World) { w.Job.set("endpoint", "https://octo-aoia.openai.azure.com") },
	},
	{
		Name: "entra-unreachable", Verdict: fail, Diagnosis: "net-entra-unreachable",
		Story: "The runner's firewall rejects connections to Entra.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceEntra, Kind: FaultRefused}}
			w.Runner.SelfHosted = true
			w.Job.set("timeout", "10s")
		},
	},
	{
		Name: "tls-inspection", Verdict: fail, Diagnosis: "net-tls-untrusted",
		Story: "A company proxy opens the connection with a certificate of its own authority.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultTLSUntrusted}}
			w.Runner.SelfHosted = true
		},
	},
	{
		Name: "tls-expired", Verdict: fail, Diagnosis: "net-tls-untrusted",
		Story: "The certificate that is shown has expired.",
		Break: func(w *World) { w.Faults = []Fault{{Service: ServiceModel, Kind: FaultTLSExpired}} },
	},
	{
		Name: "tls-wrong-host", Verdict: fail, Diagnosis: "net-tls-untrusted",
		Story: "The certificate that is shown is for another host.",
		Break: func(w *World) { w.Faults = []Fault{{Service: ServiceModel, Kind: FaultTLSWrongHost}} },
	},
	{
		Name: "model-unreachable", Verdict: fail, Diagnosis: "net-unreachable",
		Story: "The runner's firewall rejects connections to the resource.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultRefused}}
			w.Runner.SelfHosted = true
			w.Job.set("timeout", "10s")
		},
	},
	{
		Name: "model-hangs", Verdict: fail, Diagnosis: "net-timeout",
		Story: "The resource takes the request and never answers.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultHang}}
			w.Job.set("timeout", "5s")
		},
	},
	{
		Name: "firewall", Verdict: fail, Diagnosis: "net-firewall-denied",
		Story: "The resource lets selected addresses in; the runner's is not one.",
		Break: func(w *World) { w.Resources[0].Network = Network{Firewall: true, Allowed: []string{officeIP}} },
	},
	{
		Name: "private-endpoint", Verdict: fail, Diagnosis: "net-public-access-disabled",
		Story: "The resource has a private endpoint only.",
		Break: func(w *World) { w.Resources[0].Network = Network{PublicAccessDisabled: true} },
	},
	{
		Name: "captive-portal", Verdict: fail, Diagnosis: "net-unexpected-answer",
		Story: "A captive portal answers for the resource with its login page.",
		Break: func(w *World) { w.Faults = []Fault{{Service: ServiceModel, Kind: FaultLoginPage}} },
	},
	{
		Name: "block-page", Verdict: fail, Diagnosis: "net-unexpected-answer",
		Story: "A proxy that inspects TLS answers for the resource with 403 and its own page.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultLoginPage, Status: http.StatusForbidden}}
		},
	},
	{
		Name: "redirect", Verdict: fail, Diagnosis: "net-unexpected-answer",
		Story: "Something on the way redirects the request to a host that must not get the token.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultRedirect, Location: "https://login.guest-wifi.example/collect"}}
		},
	},
	{
		Name: "proxy-refuses", Verdict: fail, Diagnosis: "net-proxy-refused",
		Story: "The company's proxy does not let the runner through to the resource.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultProxy, Status: http.StatusForbidden}}
			w.Runner.SelfHosted = true
		},
	},
}
