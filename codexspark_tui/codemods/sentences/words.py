"""The words of the grammar, by class, without articles and "please", which never reach it.

A word belongs to a class when it means the same in every rule that uses the class. Phrases are
separated by `|` and compared in lower case; a class goes on over indented lines.
"""

from __future__ import annotations

WORDS = """
# Politeness before and after the request
LEAD: do | go through all files and | let us | find and | rename symbol : | refactor : |
    refactoring : | chore : | task : | todo : | style : | cleanup : | request : | codemod : |
    can you | could you | would you | will you | can we | could we | can u | shall we |
    we should | we need to | we must | we want to | i want to | i want you to | i need to |
    i need you to | i 'd like to | i'd like to | i'd like you to | i would like to |
    i would like you to | i'd love to | i wanna | let 's | lets | go ahead and | go and | hey |
    hi | hello | ok | okay | now | also | and | so | next | first | then | help me | help me to |
    try to | you should | you can | you could | time to | quickly | hey spark | spark | todo |
    would you be so kind as to | be so kind as to | be so kind and | do me a favour and |
    do me a favor and | i think we should | i would love to | make sure to | remember to |
    need to | want to | you need to | you must
TRAIL: from now on | thanks | thank you | thx | cheers | for me | now | right now | ok | okay |
    for us | today | asap | thanks a lot | many thanks | thank you very much | if you would |
    if you please | would you | will you | could you | can you
# Small words
A: a | an | one | its own | their own | it's own | some
QUANT: all | every | each | any | all of | every single | any of | each of | all those |
    all these | those
AND: and | then | and then | and also | & | + | plus | , and | , then | , and then | , and also |
    as well as | and afterwards | and finally | and next | ; then | ; | ; and
LISTED: and | , | & | , and | + | plus | as well as | and also
AS: : | ; new name is | ; new name : | , new name is | new name is | to | into | as | -> | to be |
    to be called | to be named | so it is called | , new name | new name | so that it is called |
    so it's called | so that it's called | and call it | and name it | = > | >
DEST: to | and move it to | and move it into | and put it in | into | -> | in | inside | over to |
    over into | across to | to live in | and into | and put it into | so it lives in |
    so that it lives in | under | onto
IN: ; it is in | , it is in | ; it 's in | , it 's in | ; it lives in | in | inside | within |
    from | of | under | on | for | at | inside of | defined in | that is defined in |
    which is defined in | that's defined in | that lives in | which lives in | living in |
    found in | located in | declared in | used in | which is in | across | throughout | over |
    everywhere in | in all of | that is in | that's in
FROM: found in | located in | from | out of | in | of | inside | defined in | used in |
    that is used in | which is in | which is used in | that is defined in | which is defined in |
    currently in | that lives in | which lives in | that is in
OF: belonging to | that belongs to | which belongs to | of | in | from | inside | within | on
AT: defined on | defined at | defined in | declared on | declared at | used on |
    that is defined on | which is defined on | at | on | in | from
FILE: file | files | script | scripts | path | paths | source file | python file | source files
FOLDER: folder | folders | directory | directories | dir | dirs | tree | subfolder | subdirectory
MODULE: module | python module | mod | submodule
PACKAGE: package | python package | pkg | subpackage | sub-package | packages
EVERYWHERE: everywhere | globally | project-wide | project wide | repo-wide | codebase-wide |
    in all places | all over | all over place | throughout | in every place | at all places
WHEREVER: wherever | everywhere | anywhere | where | in all places where | everywhere that |
    at every place where | in every place where | in all places | at all places where |
    in places where
IS: is | are | 's | gets | get
MENTIONED: used | called | referenced | imported | mentioned | found | in use | needed | invoked |
    seen
APPEARS: appears | occurs | appear | occur | shows up | comes up
ACROSS: across | throughout | in | over | for | through | all over | on | of | everywhere in |
    from | everywhere across
WHOLE: whole | entire | full | complete | all of | this whole | this entire | this | all |
    current | all this
PROJECT: project | codebase | code base | repo | repository | source tree | code | tree |
    program | application | code-base | source code | sources
FILES: files | file | python files | source files | modules | .py files | *.py files | py files |
    of files | of python files | python code | python | scripts | packages | tests and sources |
    python sources | python modules
NEEDS: needs | gets | should have | should get | must have | wants
WANT: make sure | ensure | i want | i need | we want | we need | i'd like | i would like | get |
    have | i'd like to have | i want to have
FIND: find | take | get | look up | locate | look for
MODAL: should | must | has to | needs to | ought to | shall | should now | should really |
    should from now on | is to | have to | need to
# Kinds
FUNCTION: function | func | fn | def | helper | helper function | routine | subroutine | procedure
CLASS: cls | class | type | dataclass | exception | exception class | enum | protocol
METHOD: method | member function | static method | class method | instance method | property |
    staticmethod | classmethod
VARIABLE: variable | var | constant | const | parameter | argument | param | arg |
    keyword argument | loop variable | module constant | module variable | module global |
    class constant | package constant | temp variable | temporary variable | temporary | local |
    global | setting | function argument | function parameter
ATTRIBUTE: attribute | field | instance variable | class variable | member variable | member |
    instance attribute | class attribute | data member
ADJ: single-use | one-line | local | global | public | private | top-level | toplevel |
    module-level | async | internal | existing | old | current | little | small | tiny | nested |
    abstract | top level | module level
NAMED: : | named | called | with name | known as | whose name is | ,
SYMBOL: symbol | identifier | name | thing
# Renaming
RENAME: rename | rename : | global rename | globally rename | do a rename of |
    do a project-wide rename of | do a global rename of | re-name | rename symbol
CHANGE: change | update | switch | alter
GIVE: give
CALL: call | name
SHOULD: should become | becomes | is now called | to be renamed to | needs renaming to |
    could be called | should now be called | should be renamed to | should be renamed
NEWLY: new name | name | new | newly named
PREFER: use | i'd prefer | i prefer | we prefer | i'd rather have | prefer
RATHER: i would rather | i'd rather | we would rather | we'd rather | better
NAMING: called | named | renamed to | renamed into | renamed as | renamed | known as | renamed ->
# Moving
MOVE: move | mv | relocate | transfer | shift
PUTTING: put | get | take | bring
FIXUP: update | fix | adjust | adapt | correct | change | fix up | updating | fixing | adjusting |
    adapting | patch | rewrite | touch up | keep | rename
INCLUDING: and | including | with | along with | together with | as well as | plus | &
USERS: imports | import | references | reference | callers | caller | uses | use | usages |
    usage | call sites | call site | calls | call | importers | occurrences | import statements |
    users
USING: that uses it | that use it | using it | that imports it | that import it | importing it |
    that calls it | that call it | calling it | where it is used | that references it |
    that reference it | that refers to it | that depends on it | which uses it | which use it
WHATEVER: everything | code | files | file | every file | places | modules | module | anything |
    all code | all files
OFIT: to it | of it | accordingly | everywhere | to match | in sync | working | too | as well |
    of it everywhere | to it everywhere | across project
ITS: its | their
FROMPATH: from
MOVED: moved to | moved into | to live in | to be in | to move to | in | to be moved to |
    to go to | to be moved into | to move into | to go into | moved over to
SHOULD_MOVE: should move to | should be moved to | should live in | should be in | belongs in |
    should be moved into | should go to | should go into | should go in | needs to move to |
    must be moved to | should move into | needs to be moved to | belongs to | needs to live in
DEST_MODULE: and put it into | and put it in | and move it to | and move it into | to | into |
    -> | under | inside | in | over to | over into | below | beneath | so it lives in |
    to live in | so that it lives in | so that it is in | so that it is part of
NEWISH: new | existing | other
GO: move to | move into | go to | go into | go in | live in | be in | move over to
# Extracting
EXTRACT: split | extract | pull out | pull | factor out | factor | break out | split out |
    split off | separate | move | lift | lift out | hoist | take | refactor | put | wrap | cut |
    cut out | carve out | isolate | outline | take out
MAKE: make | create | build | define | add | form
TURN: turn | make | convert | refactor | transform | change | promote | put | wrap
LINES: lines | line | l | rows | ll | ln
THROUGH: to | through | - | – | till | until | thru | up to | up to and including | .. | —
INTO: into | to | as | in | -> | and make them | and turn them into | and turn it into |
    and extract them into | and make of them | and make out of them | and move them into |
    and move them to | out into | out to | off into | out as | and call it | and name it |
    and call result | and make it | , call it | , name it | and put it into | and put them into |
    and put them in | and put it in | ,
NEW: new | separate | own | small | little | dedicated | standalone | stand-alone | single |
    private | reusable | extra | brand new
CALLABLE: function | method | helper | helper function | helper method | func | fn | def |
    routine | subroutine | utility function
EXTRACTED: extracted into | extracted to | extracted as | to be extracted into | turned into |
    pulled out into | to be | to become | factored out into | moved into | in | as | made into |
    extracted out into | split out into | broken out into
SHOULD_EXTRACT: should be | should become | should go into | should move into | should be in |
    should be extracted into | should be turned into | should be moved into | belong in |
    should live in | need to be | should be made into | should be pulled out into | -> |
    should go in | should be extracted to | must become | need to become | could be
CHUNK: code | block | statements | part | section | piece | chunk | bit | snippet | fragment |
    body
EXTRACT_FROM: from | out of | with | of | containing | using | for
EXTRACT_OF: of | out of | in | from | inside | within | on | , | at
# Inlining
INLINE: do an inline of | do inline of | inline | in-line
USES: uses | use | calls | call | usages | usage | occurrences | occurrence | call sites |
    references | reference | invocations | invocation
OFTO: of | to
DEFINITION: definition | function | variable | original | method | constant | helper |
    old definition | old function
ITS_BODY: its body | its value | its definition | its contents | body | value | its expression
BODY: body of | value of | definition of | contents of | code of
# Tidying
REMOVE: remove | removing | deleting | dropping | autoremove | auto-remove | delete | drop |
    strip | prune | get rid of | clean out | clean up | clear out | clear | eliminate | kill |
    purge | cut | throw out | throw away | discard | take out | strip out | weed out | clean |
    rip out | nuke | trim | sweep out | dump
UNUSED: useless | unused | unneeded | unnecessary | redundant | dead | superfluous |
    unreferenced | needless | stale
IMPORTS: imports | import | import statements | import lines | python imports | import statement |
    module imports
ARENT: are not | aren't | isn't | is not | are no longer | is no longer | are never | is never |
    no longer | not | never | aren't being | are not being | isn't being
USED: used | needed | referenced | required | in use | necessary | accessed
ANYWHERE: anywhere | any more | anymore | any longer | at all | by anything | by anyone | now
WE: we | i | you | they | it
DONT: don't | do not | never | no longer | don't really | don't actually | doesn't | does not
NEED: use | need | require | reference | uses | needs
NOBODY: nobody | nothing | no one | no-one | no code
ONES: ones | imports
SORT: reorganize | reorganise | sort | organise | organize | order | re-sort | resort | reorder |
    re-order | alphabetise | alphabetize | arrange | rearrange
SORTED: are sorted | are in order | are sorted alphabetically | are ordered | sorted | ordered |
    organised | organized | alphabetised | alphabetized | in order | sorted out |
    in alphabetical order
ALPHA: alphabetically | in order | into order | properly | in alphabetical order | by name |
    into alphabetical order | a-z | the usual way
REST: rest | remaining ones | them | those | remaining imports | remaining | others |
    what is left | what's left | what remains | ones that remain | whatever is left |
    ones that are left
CLEANUP: clean up | clean | tidy | tidy up | cleanup | clean-up | optimise | optimize | neaten |
    neaten up
MODERNISE: modernise | modernize | modernise up
UPGRADE: upgrade | rewrite | update | modernise | modernize | refresh | convert | bring | port |
    migrate | move
OLD: old | outdated | old-style | old style | legacy | old-fashioned | dated | deprecated |
    obsolete | ancient | pre-modern
MODERN: modern | newer | current | up-to-date | contemporary | more modern | new | up to date |
    new-style | latest
SYNTAX: syntax | python syntax | idioms | python idioms | python constructs | constructs |
    syntax and idioms | language features | python features | syntax constructs | python style
STYLE: syntax | python syntax | idioms | python idioms | python | python constructs | constructs |
    python code | syntax and idioms | language features | python features | syntax constructs |
    python style | python versions of syntax
USE: use | switch to | adopt | apply | move to | convert to | upgrade to | update to |
    switch over to
PYUPGRADE: run pyupgrade | apply pyupgrade | do modernisation | run modernisation |
    apply modernisations | apply modernizations | run modernise | run modernize |
    apply pyupgrade fixes | apply pyupgrade rules | run modernizer | run moderniser |
    run pyupgrade fixes | pyupgrade
SIMPLIFY: simplify
SIMPLIFICATIONS: code simplification | simplifications | simplification | simplify |
    simplify rules | simplification rules | code simplifications | simplification fixes |
    simplify fixes | automatic simplifications | simplifier | safe simplifications
RUN: run | apply | do | perform | make | execute | use | carry out | make use of
POSSIBLE: anything that can be simplified | everything that can be simplified | a bit |
    automatically | a little | as much as possible | whatever can be simplified |
    what can be simplified | where possible | wherever possible | wherever you can |
    where you can | where it can be simplified | when possible | where it is possible |
    as far as possible | wherever it can be simplified
FORMAT: format | reformat | auto-format | autoformat | re-format | auto format | pretty-print |
    prettify | ruff format | beautify
FORMATTING: formatting | code formatting | format | code format | code layout |
    source formatting | code style formatting
FIX: fix | correct | repair | clean up | tidy up | tidy | sort out | normalise | normalize |
    fix up | redo
FORMATTER: formatter | code formatter | ruff format | ruff formatter | auto-formatter |
    autoformatter | formatting | code formatting | auto formatter | python formatter |
    formatter tool | auto-formatting | format
CODE: code | things | source | sources | source code | python code | all code | all of code |
    python | python source | contents | python sources | program
ALLFILES: everything | all files | every file | whole project | entire project | codebase |
    project | whole codebase | entire codebase | repo | repository | whole repo | entire repo |
    whole repository | entire repository | all python files | code base | whole thing |
    all source files | all modules | python files | files | every python file | all of files |
    whole code base | entire code base | every module | each file | all sources | all |
    entire project's code | source tree | all of it | whole lot | all py files | all .py files |
    each python file | complete project | every source file | whole source tree | all my files
IT: it | them | both | those files | both files | that file | same file | same files | them both |
    both of them | file | files | result | them all | all of them | these files | this file
TIDY_IN: only in | only | in | of | from | on | under | within | inside | for | across |
    throughout | over | at | everywhere in | used in | to | against | through | inside of |
    in all of | belonging to | at the top of | at top of
IMPORTS_TOO: as well | too
PUT: put | get | bring
INORDER: in order | into order | in alphabetical order | into alphabetical order |
    in right order | into right order | in proper order | in sorted order | in correct order
EQUIVALENTS: equivalents | equivalent | python equivalents | alternatives | counterparts | forms
NICELY: properly | nicely | consistently | automatically | with ruff | using ruff |
    with ruff format | cleanly | correctly | with formatter | using formatter
THAT: that | which
DOESNT_USE: does not use | doesn't use | never uses | does not need | doesn't need |
    no longer uses | no longer needs | don't use | do not use
SHOULD_BE: should be | must be | need to be | needs to be | have to be | has to be | should get |
    ought to be
HAS: has | has got | contains
IMPORTORDER: import order | order of imports | import sorting | import ordering |
    sorting of imports | ordering of imports | imports order | imports sorting | import sort order
# Structural replace
REPLACE: structural replace : | replace | swap | swap out | exchange | search and replace |
    find and replace | search for | find | structurally replace | search | look for
REWRITE: change | rewrite | convert | turn | transform | update | migrate | replace | switch |
    refactor
WITH: with | by | -> | and replace it with | and replace them with | and replace by |
    and replace with | , replace with | , replace it with | and substitute | and put | and use |
    and replace each with | , replace them with | and replace each by | and turn it into |
    and replace them by | and replace it by | and swap in | and rewrite it as | and change it to |
    and turn them into | , replacing it with | , replacing with | and change them to |
    and rewrite them as | and make it | replacing it with
OCCURRENCES: occurrences of | calls to | calls of | uses of | usages of | instances of |
    occurrence of | call to | use of | instance of | calls | call | occurrences | usage of |
    appearances of | matches of | pattern | expression | code | expressions | expressions like |
    calls like | code like | matches for | statements like | patterns | things like |
    calls matching | code matching | expressions matching | matching
LANGCODE: code | files | source | file | sources | source files | source code | scripts |
    modules | codebase | project | language | programs | syntax
REWRITTEN: to | into | as | -> | with | by
INSTEAD: instead of | in place of | rather than | for
LANG_IN: in | for | across | throughout | within | inside | using | of
MY: our | my | your
SWAP: swap | exchange | trade | swap out
# Docstrings and tests
ADD: add | create | generate | insert | write | make | put | give me | produce | put in | place |
    build | draft | set up | prepare | provide | lay out | lay down | spit out | emit | drop |
    stick | include | bootstrap | start
STUB: stub | stub out | scaffold | scaffold out | skeleton | template | sketch out | sketch |
    outline | add stubs for | generate stubs for | create stubs for | create skeletons for |
    add skeletons for | generate skeletons for | write stubs for | write skeletons for |
    bootstrap stubs for | make stubs for | make skeletons for | create scaffolding for |
    generate scaffolding for | stub in | make a skeleton of | create a skeleton of |
    generate a skeleton of | create placeholders for | add placeholders for
STUBS: stubs | stub | skeletons | skeleton | placeholders | placeholder | templates | template |
    scaffolding | scaffold | scaffolds | boilerplate | outlines | outline | stub file |
    skeleton file | shells | shell | template file | scaffolding file | boilerplate file | frame |
    frames | blanks
EMPTY: stub | skeleton | empty | placeholder | blank | template | boilerplate | dummy | todo |
    stubbed | bare | scaffolded | skeletal | stubbed-out | bare-bones | barebones
MISSING: missing | new | basic | simple | minimal | basic missing | initial | bare | quick
DOCSTRINGS: docstrings | docstring | doc-strings | doc strings | doc-string | doc string |
    documentation strings | documentation string | docs strings
TESTS: tests | test | unit tests | unit test | pytest | pytest tests | pytest test | test cases |
    test case | test functions | test function | unittest | test file | test module |
    pytest file | pytest unit tests | tests file | pytest unit test | test suite |
    unit test file | pytest test file | pytest functions | py.test | unit-test | pytest module |
    pytest cases
FORTO: for | of | to | in | into | from | on | against | inside | covering | based on |
    throughout | across | within | at
SAVED: in | to | into | at | as | and save it to | and save them in | and put them in | under |
    and save them to | and put it in | and write them to | and write it to | saved to | saved in |
    and save it in | and save it as | and put them into | , in | -> | inside | , put them in |
    , into | and place them in | called | named | written to
PUBLICS: public functions | functions | public functions and classes | functions and classes |
    public function | function | classes | public classes | methods | classes and functions |
    public methods | public api | api | everything | everything public |
    public classes and functions | undocumented functions | class | public class | public names |
    public definitions | functions and methods | public functions and methods |
    public function and class | function and class | things | functions, methods and classes |
    undocumented public functions | public symbols | public members | members | definitions |
    public objects | contents | module | public code
WITHOUT: wherever they are missing | that lack them | that have none | without docstrings |
    without one | that lack one | without them | that don't have one | that have no docstring |
    that has none | without docstring | that are missing them | missing them | that need them |
    that do not have one | that has no docstring | that lacks one | where they are missing |
    where missing | that are missing one | missing one | that doesn't have one |
    that don't have any | where there are none | that have no docstrings | with no docstring |
    that don't have docstrings | where they're missing | lacking one | lacking them
FILL: fill | populate | equip | provide
FOR_TESTS: for | of
"""
