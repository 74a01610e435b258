// Command chain is the least that the check's chain can cost in Go: the three
// requests that depend on each other, one after the other, with net/http and
// nothing else. It checks nothing and explains nothing. The benchmark compares
// the product with it.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "chain:", err)
		os.Exit(1)
	}
}

func run() error {
	var assertion struct {
		Value string `json:"value"`
	}
	ask := os.Getenv("ACTIONS_ID_TOKEN_REQUEST_URL") + "&audience=" + url.QueryEscape("api://AzureADTokenExchange")
	if err := do(http.MethodGet, ask, os.Getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN"), "", "", &assertion); err != nil {
		return err
	}
	var token struct {
		Value string `json:"access_token"`
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"client_id":             {os.Getenv("BENCH_CLIENT_ID")},
		"scope":                 {"https://cognitiveservices.azure.com/.default"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion.Value},
	}
	authority := "https://login.microsoftonline.com/" + os.Getenv("BENCH_TENANT_ID") + "/oauth2/v2.0/token"
	if err := do(http.MethodPost, authority, "", "application/x-www-form-urlencoded", form.Encode(), &token); err != nil {
		return err
	}
	var answer struct {
		Model string `json:"model"`
	}
	body := `{"model":"` + os.Getenv("BENCH_DEPLOYMENT") + `","messages":[{"role":"user","content":"ping"}],"max_completion_tokens":16}`
	return do(http.MethodPost, os.Getenv("BENCH_ENDPOINT")+"/openai/v1/chat/completions", token.Value, "application/json", body, &answer)
}

// do makes one request and decodes its answer.
func do(method, address, bearer, kind, body string, answer any) error {
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(answer)
}
