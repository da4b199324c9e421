package scenario

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"kubetrace/containerd"
	"kubetrace/tracing"
)

// The report's files in the folder of the documents.
const (
	reportJSON     = "clusters.json"
	reportMarkdown = "clusters.md"
)

//go:embed report.md.tmpl
var reportText string

var reportTemplate = template.Must(template.New(reportMarkdown).Funcs(template.FuncMap{
	"version": func(v string) string { return strings.TrimPrefix(v, "v") },
}).Parse(reportText))

// Report puts the figures of a run that is done into the report of a folder, in
// the place of those of an earlier run of the plan.
func (r *Run) Report(folder string) error {
	figures, err := readFigures(folder)
	if err != nil {
		return err
	}
	r.Figures.Total = seconds(time.Since(r.began))
	figures[r.Plan.Name] = r.Figures
	text, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	page, err := reportPage(figures)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, reportJSON), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, reportMarkdown), page, 0o644),
	)
}

// readFigures are those of the report that is there, by plan.
func readFigures(folder string) (map[string]Figures, error) {
	figures := map[string]Figures{}
	text, err := os.ReadFile(filepath.Join(folder, reportJSON))
	if errors.Is(err, fs.ErrNotExist) {
		return figures, nil
	}
	if err != nil {
		return nil, err
	}
	return figures, json.Unmarshal(text, &figures)
}

// row is a cluster of the report.
type row struct {
	Plan Plan
	Figures
}

// reportPage is the report for people.
func reportPage(figures map[string]Figures) ([]byte, error) {
	dropIn, err := containerd.ServiceDropIn(tracing.TracingSpec{KubernetesVersion: Newest().Release.Minor, Containerd: &tracing.ContainerdSpec{Version: Newest().Containerd}})
	if err != nil {
		return nil, err
	}
	data := struct {
		Rows       []row
		Weathers   []string
		Containerd string
		Plans      []Plan
		Newest     Plan
		Fleet      string
		// Sabotaged are the names of the plans that are.
		Sabotaged []string
		Stages    []stage
		// Older are the names of the plans whose figures are of a run with another
		// collector than the default.
		Older []string
	}{Fleet: fleet, Plans: Plans, Newest: Newest(), Containerd: string(dropIn.Marshal()), Stages: stages}
	for _, plan := range Plans {
		if plan.Sabotaged {
			data.Sabotaged = append(data.Sabotaged, plan.Name)
		}
		if f, there := figures[plan.Name]; there {
			data.Rows = append(data.Rows, row{plan, f})
		}
	}
	for _, row := range data.Rows {
		if row.Versions["otelcol"] != "v"+tracing.DefaultCollectorVersion {
			data.Older = append(data.Older, row.Plan.Name)
		}
	}
	for _, weather := range append(slices.Clone(Weathers), fleetWeathers...) {
		data.Weathers = append(data.Weathers, weather.Name)
	}
	var page bytes.Buffer
	if err := reportTemplate.Execute(&page, data); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}
