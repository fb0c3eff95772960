// What the front end of the Go compiler finds in the packages of the named folders, as JSON.
//
// It is built as a part of the compiler (-overlay puts it beside it), which alone may import these
// packages. Imports are read from their sources.
package main

import (
	"encoding/json"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"cmd/compile/internal/syntax"
	"cmd/compile/internal/types2"
)

type row struct {
	File    string
	Line    uint
	Message string
}

var told []row

type fromSource struct{ known map[string]*types2.Package }

func (from fromSource) Import(path string) (*types2.Package, error) {
	return from.ImportFrom(path, "", 0)
}

func (from fromSource) ImportFrom(
	path, folder string, _ types2.ImportMode,
) (*types2.Package, error) {
	if path == "unsafe" {
		return types2.Unsafe, nil
	}
	found, err := build.Import(path, folder, 0)
	if err != nil {
		return nil, err
	}
	if from.known[found.ImportPath] == nil {
		from.known[found.ImportPath] = check(from, found, true)
	}
	return from.known[found.ImportPath], nil
}

func check(from fromSource, one *build.Package, imported bool) *types2.Package {
	var files []*syntax.File
	before := len(told)
	for _, name := range one.GoFiles {
		path := filepath.Join(one.Dir, name)
		source, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		tell := func(err error) {
			fault := err.(syntax.Error)
			told = append(told, row{path, fault.Pos.Line(), fault.Msg})
		}
		file, _ := syntax.Parse(syntax.NewFileBase(path), source, tell, nil, syntax.CheckBranches)
		files = append(files, file)
	}
	for _, one := range told[before:] {
		if strings.HasPrefix(one.Message, "syntax error") {
			return nil
		}
	}
	settings := types2.Config{Importer: from, IgnoreFuncBodies: imported, FakeImportC: true}
	settings.IgnoreBranchErrors, settings.CompilerErrorMessages = true, true
	settings.Sizes = types2.SizesFor("gc", runtime.GOARCH)
	settings.Error = func(err error) {
		if imported {
			return
		}
		fault := err.(types2.Error)
		told = append(told, row{fault.Pos.Base().Filename(), fault.Pos.Line(), fault.Msg})
	}
	checked, _ := settings.Check(one.ImportPath, files, nil)
	return checked
}

func main() {
	from := fromSource{map[string]*types2.Package{}}
	for _, folder := range os.Args[1:] {
		one, err := build.ImportDir(folder, 0)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		} else {
			check(from, one, false)
		}
	}
	json.NewEncoder(os.Stdout).Encode(told)
}
