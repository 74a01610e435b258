// Package azurelab is a world in one process: GitHub's OIDC service, Entra,
// the instance metadata service, Azure OpenAI and API Management, as far as a
// workflow that authenticates to a model can see them.
//
// A [World] is state, not canned answers. [Healthy] makes one in which
// everything is right; a misconfiguration is one broken fact, and the error
// emerges from it, in the order in which the real service checks. [Scenarios]
// names such worlds. [World.Apply] changes a fact back as a remedy says.
//
// There are two doors. [World.Transport] is an in-process [http.RoundTripper]
// whose failures are the error types of package net, crypto/tls and
// crypto/x509, and which works inside a testing/synctest bubble. [Serve] opens
// a forward proxy on loopback that answers under the real host names with a
// certificate authority of its own, so that any program can be put into the
// world with HTTPS_PROXY and a CA file.
//
// Texts of the services are quoted from public reports and documentation. Each
// carries a comment that names its source: "report" is a text in a public
// issue, "docs" is the vendor's page, and "assumed" marks what was filled in
// where neither was found.
package azurelab
