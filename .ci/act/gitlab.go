package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// runGitLab runs the script of examples/gitlab-ci.yml in the plain image, as GitLab's runner does:
// once in order, once with a variable that somebody forgot.
func (h *harness) runGitLab(ctx context.Context) error {
	content, err := os.ReadFile("examples/gitlab-ci.yml")
	if err != nil {
		return err
	}
	var pipeline struct {
		Preflight struct {
			Image  struct{ Entrypoint []string }
			Script []string
		}
	}
	if err := yaml.Unmarshal(content, &pipeline); err != nil {
		return err
	}
	script := strings.Join(pipeline.Preflight.Script, "\n")

	for _, t := range []struct{ name, without, verdict, diagnosis string }{
		{name: "gitlab", verdict: "pass"},
		{name: "gitlab-forgotten", without: "AZURE_CLIENT_ID", verdict: "fail", diagnosis: "cfg-client-id-missing"},
	} {
		dir := filepath.Join(h.dir, t.name)
		lab, err := h.serve(ctx, filepath.Join(dir, "lab"), "workload-identity")
		if err != nil {
			return err
		}
		defer lab.stop()
		// What GitLab hands over in a variable, and the lab in a file.
		var token []byte
		for _, line := range lab.env {
			if path, ok := strings.CutPrefix(line, "AZURE_FEDERATED_TOKEN_FILE="); ok {
				if token, err = os.ReadFile(path); err != nil {
					return err
				}
			}
		}
		variables := map[string]string{
			"AZURE_ID_TOKEN":        string(token),
			"AZURE_TENANT_ID":       lab.inputs["tenant-id"],
			"AZURE_CLIENT_ID":       lab.inputs["client-id"],
			"AZURE_OPENAI_ENDPOINT": lab.inputs["endpoint"],
			"HTTPS_PROXY":           lab.proxy,
			"SSL_CERT_FILE":         "/builds/lab-ca.pem",
			// Alpine's own; a stand-in for it may have less.
			"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		}
		delete(variables, t.without)
		builds := filepath.Join(dir, "builds")
		if err := os.MkdirAll(builds, 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(builds, "lab-ca.pem"), lab.ca, 0o644); err != nil {
			return err
		}
		args := []string{"run", "--rm", "--interactive", "--network", "host", "--volume", builds + ":/builds", "--workdir", "/builds",
			"--entrypoint", strings.Join(pipeline.Preflight.Image.Entrypoint, " ")}
		for name, value := range variables {
			args = append(args, "--env", name+"="+value)
		}
		cmd := exec.CommandContext(ctx, "docker", append(args, h.image, "sh", "-e")...)
		cmd.Stdin = strings.NewReader(script)
		output, runErr := cmd.CombinedOutput()
		lab.stop()
		if h.verbose {
			fmt.Printf("%s", output)
		}

		var wrong problems
		if (runErr == nil) != (t.verdict == "pass") {
			wrong.add("the script: %v", runErr)
		}
		var report struct {
			Verdict  string
			Findings []struct{ ID string }
		}
		written, err := os.ReadFile(filepath.Join(builds, "preflight.json"))
		if err == nil {
			err = json.Unmarshal(written, &report)
		}
		if err != nil || report.Verdict != t.verdict {
			wrong.add("the report's verdict is %q (%v), want %q", report.Verdict, err, t.verdict)
		}
		if t.diagnosis != "" && (len(report.Findings) == 0 || report.Findings[0].ID != t.diagnosis) {
			wrong.add("the findings are %v, want %s first", report.Findings, t.diagnosis)
		}
		if !strings.Contains(string(output), t.diagnosis) {
			wrong.add("the log does not have the page of %s", t.diagnosis)
		}
		said := log{{Message: string(output)}, {Message: string(written)}}
		wrong.leaks(said, lab)
		if err := wrong.err(said); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}
