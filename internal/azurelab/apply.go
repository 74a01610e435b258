package azurelab

import (
	"fmt"
	"maps"
	"slices"
)

// A params is the parameters of a remedy.
type params map[string]string

// A remedy is one kind of repair.
type remedy struct {
	needs []string // parameters that must be there
	takes []string // parameters that may be
	apply func(w *World, p params) error
}

// remedies are the repairs by kind: the values of preflight.RemedyKind.
var remedies = map[string]remedy{
	"set-input":       {needs: []string{"input"}, takes: []string{"value"}, apply: setInput},
	"set-variable":    {needs: []string{"name"}, takes: []string{"value"}, apply: setVariable},
	"unset-variable":  {needs: []string{"name"}, takes: []string{"names"}, apply: unsetVariable},
	"use-tenant":      {takes: []string{"tenant-id"}, apply: useInput("tenant-id", "tenant-id")},
	"use-client":      {takes: []string{"client-id"}, apply: useInput("client-id", "client-id")},
	"use-audience":    {takes: []string{"audience"}, apply: useInput("audience", "audience")},
	"use-scope":       {takes: []string{"scope"}, apply: useInput("scope", "scope")},
	"use-cloud":       {takes: []string{"cloud"}, apply: useInput("cloud", "cloud")},
	"use-endpoint":    {takes: []string{"endpoint"}, apply: useInput("endpoint", "endpoint")},
	"use-deployment":  {takes: []string{"deployment"}, apply: useInput("deployment", "deployment")},
	"use-operation":   {needs: []string{"operation"}, apply: useInput("operation", "operation")},
	"use-identity":    {needs: []string{"identity"}, takes: []string{"inputs", "permission"}, apply: useIdentity},
	"use-api-version": {takes: []string{"api-version"}, apply: useAPIVersion},
	"use-current-key": {takes: []string{"resource"}, apply: useCurrentKey},
	"provide-file":    {takes: []string{"path"}, apply: provideFile},
	"allow-host":      {needs: []string{"host"}, apply: allowHost},

	"set-subscription-key":        {takes: []string{"host"}, apply: setSubscriptionKey},
	"grant-permission":            {needs: []string{"permission"}, apply: grantPermission},
	"run-on-trusted-event":        {takes: []string{"event"}, apply: runOnTrustedEvent},
	"reset-subject-customization": {takes: []string{"repository"}, apply: resetSubject},
	"publish-issuer":              {takes: []string{"issuer"}, apply: publishIssuer},
	"fix-clock":                   {takes: []string{"skew-seconds"}, apply: fixClock},
	"wait":                        {takes: []string{"seconds", "deployment"}, apply: wait},

	"add-federated-credential":   {needs: []string{"issuer", "subject", "audience"}, takes: []string{"client-id"}, apply: addFederated},
	"register-service-principal": {needs: []string{"client-id"}, takes: []string{"tenant-id"}, apply: registerServicePrincipal},
	"reset-client-secret":        {takes: []string{"client-id"}, apply: resetClientSecret},
	"register-certificate":       {takes: []string{"client-id"}, apply: registerCertificate},
	"enable-service-principal":   {takes: []string{"client-id"}, apply: enableServicePrincipal},
	"exclude-from-policy":        {takes: []string{"client-id"}, apply: excludeFromPolicy},
	"assign-managed-identity":    {takes: []string{"client-id"}, apply: assignManagedIdentity},

	"assign-role":             {needs: []string{"principal-id", "role"}, takes: []string{"scope-resource"}, apply: assignRole},
	"create-custom-subdomain": {takes: []string{"resource"}, apply: createSubdomain},
	"allow-network":           {takes: []string{"resource"}, apply: allowNetwork},
	"enable-key-auth":         {takes: []string{"resource"}, apply: enableKeys},
	"raise-quota":             {takes: []string{"deployment"}, apply: raiseQuota},
	"deploy-model":            {takes: []string{"deployment"}, apply: deployModel},
	"trust-ca":                {takes: []string{"host"}, apply: trustCA},
	"allow-egress":            {takes: []string{"host"}, apply: allowEgress},
	"fix-gateway":             {takes: []string{"host"}, apply: fixGateway},
	"contact-support":         {takes: []string{"request-id", "code"}, apply: contactSupport},
}

// Apply does what a remedy of a finding says, and nothing else: a federated
// credential is created with exactly the given subject, be it right or wrong.
// Where a parameter that may be unknown is absent, the lab plays the user who
// looks the value up. Kinds and parameters that the lab does not know are
// errors, and so are values that name nothing in the world.
func (w *World) Apply(kind string, parameters map[string]string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok := remedies[kind]
	if !ok {
		return fmt.Errorf("azurelab: no remedy %q", kind)
	}
	for _, name := range r.needs {
		if parameters[name] == "" {
			return fmt.Errorf("azurelab: remedy %s needs the parameter %s", kind, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		if !slices.Contains(r.needs, name) && !slices.Contains(r.takes, name) {
			return fmt.Errorf("azurelab: remedy %s has no parameter %s", kind, name)
		}
	}
	if err := r.apply(w, parameters); err != nil {
		return fmt.Errorf("azurelab: remedy %s: %w", kind, err)
	}
	return nil
}
