package pipeline

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"kubetrace/e2e/latency"
	"kubetrace/e2e/pipeline/load"
)

// The report's files in the folder of the documents.
const (
	ReportJSON     = "pipeline.json"
	reportMarkdown = "pipeline.md"
)

// Report is all that was measured.
type Report struct {
	Machine Machine `json:"machine"`
	// Rounds, Slices and Seconds are how often all were started, how many slices
	// each had then, and how long those were.
	Rounds  int     `json:"rounds"`
	Slices  int     `json:"slices"`
	Seconds float64 `json:"seconds"`
	Rows    []Row   `json:"rows"`
	Costs   Costs   `json:"costs"`
	Faults  []Loss  `json:"faults"`
}

// ReadReport reads the report of a folder.
func ReadReport(folder string) (r Report, err error) {
	text, err := os.ReadFile(filepath.Join(folder, ReportJSON))
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(text, &r)
}

// Write writes the report into a folder, beside the figures of the latency.
func (r Report) Write(folder string) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	page, err := r.page(folder)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(folder, ReportJSON), append(text, '\n'), 0o644),
		os.WriteFile(filepath.Join(folder, reportMarkdown), page, 0o644),
	)
}

// Peers are what people use today.
var Peers = []string{tutorial.Name, helm.Name, clusterObservability.Name}

// titles are the configurations' names for people.
var titles = map[string]string{
	limit.Name: "the limit", tutorial.Name: "tutorial", helm.Name: "Helm chart", clusterObservability.Name: "ClusterObservability",
	ours.Name: "**kubetrace**", oursOnDisk.Name: "**kubetrace, queue on disk**", oursGateway.Name: "kubetrace's gateway",
}

//go:embed report.md.tmpl
var reportText string

var reportTemplate = template.Must(template.New(reportMarkdown).Funcs(template.FuncMap{
	"title":     func(name string) string { return titles[name] },
	"mebibytes": func(n int64) int64 { return n >> 20 },
	"thousands": func(n float64) string { return thousands(int64(math.Round(n))) },
	"share":     func(part float64) string { return fmt.Sprintf("%.0f %%", 100*part) },
	// Of the longest row of the paper, by the gateway's max_connection_age.
	"handshakes": func() int { return paperNodes[len(paperNodes)-1] / 600 },
	"ms":         func(seconds float64) string { return fmt.Sprintf("%.0f ms", seconds*1000) },
	"int":        func(n int64) int { return int(n) },
	"count":      func(n int) string { return thousands(int64(n)) },
}).Parse(reportText))

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// page is the report for people.
func (r Report) page(folder string) ([]byte, error) {
	_, recorded, err := load.Recorded()
	if err != nil {
		return nil, err
	}
	delays, err := latency.Read(folder)
	if err != nil {
		return nil, fmt.Errorf("the latency's figures: go test -run TestLatency ./latency -docs=FOLDER writes them: %w", err)
	}
	paper, err := r.paper(recorded)
	if err != nil {
		return nil, err
	}
	data := struct {
		Report
		Loads    []string
		Verdicts []verdict
		Losses   []lossRow
		Configs  []string
		Recorded load.Table
		Latency  latency.Figures
		Paper    []paperRow
		Derived  derived
		Short    []Shortfall
		MostCPU  float64
		Memory   int64
	}{Report: r, Recorded: recorded, Latency: delays, Paper: paper, Derived: derivedFigures(recorded), Short: r.Judge(), MostCPU: MostCPU, Memory: DefaultMemory}
	for _, row := range r.Rows {
		if !slices.Contains(data.Loads, row.Load) {
			data.Loads = append(data.Loads, row.Load)
			data.Verdicts = append(data.Verdicts, r.verdict(row.Load))
		}
	}
	for _, config := range Configs() {
		data.Configs = append(data.Configs, config.Name)
	}
	for _, fault := range Faults() {
		data.Losses = append(data.Losses, r.losses(fault, data.Configs))
	}
	var page bytes.Buffer
	if err := reportTemplate.Execute(&page, data); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}

// verdict compares ours with the peers under a load.
type verdict struct {
	Load string
	// Leanest is the peer that costs the least CPU, and CPU what ours costs as a
	// ratio to it. Helm is ours' memory as a ratio to the Helm chart's.
	Leanest   string
	CPU, Helm float64
	// Spread is between which ratios the middle half of the slices was.
	Spread Spread
	// Limit is the CPU as a ratio to the limit.
	Limit float64
}

func (r Report) verdict(under string) verdict {
	v := verdict{Load: under}
	for _, row := range r.Rows {
		if row.Load != under || row.Config != ours.Name {
			continue
		}
		for _, peer := range Peers {
			if ratio := row.CPU[peer]; ratio > v.CPU {
				v.Leanest, v.CPU, v.Spread = peer, ratio, row.CPUSpread[peer]
			}
		}
		v.Helm, v.Limit = row.Memory[helm.Name], row.CPU[limit.Name]
	}
	return v
}

// RowsOf are those of a load.
func (r Report) RowsOf(under string) []Row {
	return slices.DeleteFunc(slices.Clone(r.Rows), func(row Row) bool { return row.Load != under })
}

// lossRow is a fault, with a cell for each configuration.
type lossRow struct {
	Fault Fault
	Cells []string
}

func (r Report) losses(fault Fault, configs []string) lossRow {
	row := lossRow{Fault: fault}
	for _, name := range configs {
		cell := "–"
		for _, loss := range r.Faults {
			if loss.Fault == fault.Name && loss.Config == name {
				cell = loss.cell()
			}
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

// refused are the spans that were never acknowledged and that the sender gave up.
func (l Loss) refused() int { return l.Spans.GivenUp + l.Sent.Dropped - l.Spans.Unsaid }

// cell is what a table has room for.
func (l Loss) cell() string {
	lost := thousands(int64(l.Spans.Lost))
	if l.Fault == "partial" {
		// The limit hears of it before it acknowledges.
		lost = fmt.Sprintf("%d, %d rejected", max(0, l.Spans.Lost-l.Sink.Rejected), l.Sink.Rejected)
	}
	parts := []string{lost}
	if l.Spans.Doubled > 0 {
		parts = append(parts, thousands(int64(l.Spans.Doubled))+" doubled")
	}
	if refused := l.refused(); refused > 0 {
		parts = append(parts, thousands(int64(refused))+" refused")
	}
	if l.Crashes > 0 {
		parts = append(parts, fmt.Sprintf("%d crashes", l.Crashes))
	}
	if l.Down {
		parts = append(parts, "**does not come back**")
	}
	return strings.Join(parts, ", ")
}
