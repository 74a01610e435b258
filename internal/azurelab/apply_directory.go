package azurelab

import (
	"fmt"
	"slices"
)

// Repairs of the directory: applications, credentials, policies, identities.

// appOr finds the application with a client id, or the one that the job means.
func (w *World) appOr(clientID string) (*App, error) {
	if clientID == "" {
		clientID = w.truth("client-id")
	}
	for i := range w.Tenants {
		if a := w.Tenants[i].app(clientID); a != nil {
			return a, nil
		}
	}
	return nil, fmt.Errorf("no application %s", clientID)
}

func addFederated(w *World, p params) error {
	f := Federated{Issuer: p["issuer"], Subject: p["subject"], Audience: p["audience"]}
	for i := range w.Managed {
		if m := &w.Managed[i]; m.ClientID == p["client-id"] {
			m.Federated = append(m.Federated, f)
			return nil
		}
	}
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	app.Federated = append(app.Federated, f)
	return nil
}

// registerServicePrincipal makes an application known in a tenant: an existing
// one of another tenant, with the credentials that it has there.
func registerServicePrincipal(w *World, p params) error {
	id := p["tenant-id"]
	if id == "" {
		id = w.truth("tenant-id")
	}
	i := slices.IndexFunc(w.Tenants, func(t Tenant) bool { return t.ID == id })
	if i < 0 {
		return fmt.Errorf("no tenant %s", id)
	}
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	t := &w.Tenants[i]
	if t.app(app.ClientID) != nil {
		if app.ObjectID != "" {
			return fmt.Errorf("the application %s has a service principal", app.ClientID)
		}
		app.ObjectID = guid("service principal of " + app.ClientID)
		return nil
	}
	registered := *app
	registered.ObjectID = guid("service principal of " + app.ClientID + " in " + id)
	t.Apps = append(t.Apps, registered)
	return nil
}

// resetClientSecret adds a secret to the application and stores it where the
// job reads it.
func resetClientSecret(w *World, p params) error {
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	secret := random(30)
	app.Secrets = append(app.Secrets, Secret{Value: secret})
	w.Job.setenv("AZURE_CLIENT_SECRET", secret)
	return nil
}

func registerCertificate(w *World, p params) error {
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	if !w.Job.Certificate {
		return fmt.Errorf("the job has no certificate")
	}
	app.Certificates = append(app.Certificates, jobCertificate())
	return nil
}

func enableServicePrincipal(w *World, p params) error {
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	app.Disabled = false
	return nil
}

func excludeFromPolicy(w *World, p params) error {
	app, err := w.appOr(p["client-id"])
	if err != nil {
		return err
	}
	for i := range w.Tenants {
		w.Tenants[i].Enterprises = nil
		for j := range w.Tenants[i].ConditionalAccess {
			policy := &w.Tenants[i].ConditionalAccess[j]
			policy.Excluded = append(policy.Excluded, app.ClientID)
		}
	}
	return nil
}

// assignManagedIdentity attaches an identity to the runner's machine. A machine
// of GitHub's is nobody's to change.
func assignManagedIdentity(w *World, p params) error {
	if !w.Runner.SelfHosted {
		return fmt.Errorf("the runner is GitHub's")
	}
	for i := range w.Managed {
		if m := &w.Managed[i]; p["client-id"] == "" || p["client-id"] == m.ClientID {
			m.Attached = true
			return nil
		}
	}
	return fmt.Errorf("no managed identity %s", p["client-id"])
}
