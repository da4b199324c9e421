package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Attributes that a test gives itself (testing.T.Attr) to be part of a cell. Its
// subtests are part of the same one. Several tests may be of one cell.
const (
	attrComponent = "component"
	attrRelease   = "release"
	attrJudge     = "judge"
	attrBy        = "by"
	attrNotServed = "not-served"
)

// Event is a line of "go test -json".
type Event struct {
	Action, Package, Test, Output, Key, Value string
}

// cellTest is a test that has named its cell.
type cellTest struct {
	attributes map[string]string
	passed     bool
	ended      bool
	tests      int
}

// Collector makes rows of what "go test -json" prints.
type Collector struct {
	// tests are of all runs; the same tests may run with other modules.
	tests map[string]*cellTest
	order []string
	runs  int
}

// Collect reads one run, and hands each event on.
func (c *Collector) Collect(stream io.Reader, each func(Event)) error {
	c.runs++
	decoder := json.NewDecoder(stream)
	for {
		var event Event
		switch err := decoder.Decode(&event); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("go test -json: %w", err)
		}
		c.add(event)
		each(event)
	}
}

func (c *Collector) add(e Event) {
	name := fmt.Sprintf("%d %s %s", c.runs, e.Package, e.Test)
	switch e.Action {
	case "attr":
		t := c.tests[name]
		if t == nil {
			t = &cellTest{attributes: map[string]string{}}
			if c.tests == nil {
				c.tests = map[string]*cellTest{}
			}
			c.tests[name] = t
			c.order = append(c.order, name)
		}
		t.attributes[e.Key] = e.Value
	case "pass", "skip", "fail":
		if e.Test == "" {
			return
		}
		for cell, t := range c.tests {
			if cell == name || strings.HasPrefix(name, cell+"/") {
				t.tests++
			}
		}
		if t := c.tests[name]; t != nil {
			// What is skipped has proved nothing.
			t.ended, t.passed = true, e.Action == "pass"
		}
	}
}

// Matrix returns the rows of all runs so far. A test that never ended, since its
// program did, has failed.
func (c *Collector) Matrix(date string) *Matrix {
	m := &Matrix{}
	for _, name := range c.order {
		t := c.tests[name]
		row := m.Row(t.attributes[attrComponent], t.attributes[attrRelease])
		if row == nil {
			m.Rows = append(m.Rows, Row{Component: t.attributes[attrComponent], Release: t.attributes[attrRelease], Date: date})
			row = &m.Rows[len(m.Rows)-1]
		}
		if why, ok := t.attributes[attrNotServed]; ok {
			row.NotServed = why
			continue
		}
		judge := t.attributes[attrJudge]
		cell, ok := row.Cells[judge]
		if !ok {
			cell = Cell{By: t.attributes[attrBy], Passed: true}
		}
		cell.Passed = cell.Passed && t.ended && t.passed
		cell.Tests += t.tests
		if row.Cells == nil {
			row.Cells = map[string]Cell{}
		}
		row.Cells[judge] = cell
	}
	m.sort()
	return m
}
