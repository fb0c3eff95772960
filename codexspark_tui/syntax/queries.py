"""What counts as a definition in each grammar, as tree-sitter queries of our own.

In each pattern `@name` is the name and the other capture is the definition; that capture's name is
the kind. One set for all languages, so that kinds mean the same everywhere.
"""

from __future__ import annotations

_JAVASCRIPT = """
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(class_declaration name: (_) @name) @class
(method_definition name: (_) @name) @method
(program (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(program (variable_declaration (variable_declarator name: (identifier) @name) @variable))
(export_statement (lexical_declaration (variable_declarator name: (identifier) @name) @variable))
(variable_declarator name: (identifier) @name
  value: [(arrow_function) (function_expression)]) @function
(assignment_expression left: (member_expression property: (property_identifier) @name)
  right: [(arrow_function) (function_expression)]) @function
"""

_C = """
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator
  declarator: (function_declarator declarator: (identifier) @name))) @function
(struct_specifier name: (type_identifier) @name body: (_)) @struct
(union_specifier name: (type_identifier) @name body: (_)) @struct
(enum_specifier name: (type_identifier) @name body: (_)) @enum
(type_definition declarator: (type_identifier) @name) @type
(preproc_def name: (identifier) @name) @constant
(preproc_function_def name: (identifier) @name) @macro
(translation_unit (declaration declarator:
  (function_declarator declarator: (identifier) @name)) @declaration)
(translation_unit (declaration declarator:
  (init_declarator declarator: (identifier) @name)) @variable)
"""

QUERIES: dict[str, str] = {
    "python": """
(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
(module (expression_statement (assignment left: (identifier) @name) @variable))
""",
    "javascript": _JAVASCRIPT
    + "(field_definition property: (property_identifier) @name value: (arrow_function)) @method",
    "typescript": _JAVASCRIPT
    + """
(abstract_class_declaration name: (type_identifier) @name) @class
(interface_declaration name: (type_identifier) @name) @interface
(type_alias_declaration name: (type_identifier) @name) @type
(enum_declaration name: (identifier) @name) @enum
(internal_module name: (_) @name) @module
(function_signature name: (identifier) @name) @function
(method_signature name: (property_identifier) @name) @method
(abstract_method_signature name: (property_identifier) @name) @method
(public_field_definition name: (property_identifier) @name value: (arrow_function)) @method
""",
    "java": """
(class_declaration name: (identifier) @name) @class
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(record_declaration name: (identifier) @name) @class
(annotation_type_declaration name: (identifier) @name) @interface
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @field
""",
    "c": _C,
    "cpp": _C
    + """
(class_specifier name: (type_identifier) @name body: (_)) @class
(namespace_definition name: (_) @name) @module
(alias_declaration name: (type_identifier) @name) @type
(function_definition declarator: (function_declarator declarator:
  (field_identifier) @name)) @method
(function_definition declarator: (function_declarator declarator:
  (qualified_identifier name: (identifier) @name))) @method
(function_definition declarator: (function_declarator declarator:
  (qualified_identifier name: (qualified_identifier name: (identifier) @name)))) @method
(function_definition declarator: (reference_declarator (function_declarator declarator:
  [(field_identifier) (identifier)] @name))) @method
(field_declaration declarator: (function_declarator declarator:
  (field_identifier) @name)) @method
""",
    "csharp": """
(namespace_declaration name: (_) @name) @module
(class_declaration name: (identifier) @name) @class
(record_declaration name: (identifier) @name) @class
(struct_declaration name: (identifier) @name) @struct
(interface_declaration name: (identifier) @name) @interface
(enum_declaration name: (identifier) @name) @enum
(delegate_declaration name: (identifier) @name) @type
(method_declaration name: (identifier) @name) @method
(constructor_declaration name: (identifier) @name) @method
(property_declaration name: (identifier) @name) @property
""",
    "go": """
(function_declaration name: (identifier) @name) @function
(method_declaration name: (field_identifier) @name) @method
(type_spec name: (type_identifier) @name type: (struct_type)) @struct
(type_spec name: (type_identifier) @name type: (interface_type)) @interface
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type
(source_file (const_declaration (const_spec name: (identifier) @name) @constant))
(source_file (var_declaration (var_spec name: (identifier) @name) @variable))
""",
    "rust": """
(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @struct
(union_item name: (type_identifier) @name) @struct
(enum_item name: (type_identifier) @name) @enum
(trait_item name: (type_identifier) @name) @trait
(impl_item type: (_) @name) @impl
(type_item name: (type_identifier) @name) @type
(mod_item name: (identifier) @name) @module
(const_item name: (identifier) @name) @constant
(static_item name: (identifier) @name) @variable
(macro_definition name: (identifier) @name) @macro
""",
    "html": """
(element (start_tag (attribute (attribute_name) @_key
  (quoted_attribute_value (attribute_value) @name))) @anchor (#eq? @_key "id"))
(element (self_closing_tag (attribute (attribute_name) @_key
  (quoted_attribute_value (attribute_value) @name))) @anchor (#eq? @_key "id"))
""",
    "css": """
(rule_set (selectors) @name) @rule
(keyframes_statement (keyframes_name) @name) @animation
(declaration (property_name) @name (#match? @name "^--")) @variable
""",
    "julia": """
(function_definition (signature) @name) @function
(assignment . (call_expression) @name) @function
(macro_definition (signature) @name) @macro
(struct_definition (type_head) @name) @struct
(abstract_definition (type_head) @name) @type
(module_definition name: (identifier) @name) @module
(const_statement (assignment . (identifier) @name)) @constant
""",
    "matlab": """
(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @class
""",
    "sql": """
(create_table (object_reference) @name) @table
(create_view (object_reference) @name) @view
(create_materialized_view (object_reference) @name) @view
(create_function (object_reference) @name) @function
(create_type (object_reference) @name) @type
(create_index column: (identifier) @name) @index
(create_trigger . (keyword_create) (object_reference) @name) @trigger
""",
    "shell": """
(function_definition name: (word) @name) @function
(program (variable_assignment name: (variable_name) @name) @variable)
(program (declaration_command (variable_assignment name: (variable_name) @name) @variable))
""",
    "powershell": """
(function_statement (function_name) @name) @function
(class_statement (simple_name) @name) @class
(class_method_definition (simple_name) @name) @method
(enum_statement (simple_name) @name) @enum
""",
    "swift": """
(class_declaration declaration_kind: ["class" "actor"] name: (type_identifier) @name) @class
(class_declaration declaration_kind: "struct" name: (type_identifier) @name) @struct
(class_declaration declaration_kind: "enum" name: (type_identifier) @name) @enum
(class_declaration declaration_kind: "extension" name: (_) @name) @class
(protocol_declaration name: (type_identifier) @name) @interface
(function_declaration name: (simple_identifier) @name) @function
(protocol_function_declaration name: (simple_identifier) @name) @method
(init_declaration "init" @name) @method
(typealias_declaration . (type_identifier) @name) @type
(typealias_declaration . (modifiers) . (type_identifier) @name) @type
(source_file (property_declaration name: (pattern (simple_identifier) @name)) @variable)
""",
    "kotlin": """
(class_declaration "interface" name: (identifier) @name) @interface
(class_declaration "class" name: (identifier) @name) @class
(object_declaration name: (identifier) @name) @class
(function_declaration name: (identifier) @name) @function
(type_alias type: (identifier) @name) @type
(source_file (property_declaration (variable_declaration (identifier) @name)) @variable)
""",
    "php": """
(namespace_definition name: (_) @name) @module
(class_declaration name: (name) @name) @class
(interface_declaration name: (name) @name) @interface
(trait_declaration name: (name) @name) @trait
(enum_declaration name: (name) @name) @enum
(function_definition name: (name) @name) @function
(method_declaration name: (name) @name) @method
(const_declaration (const_element . (name) @name)) @constant
""",
    "ruby": """
(class name: (_) @name) @class
(module name: (_) @name) @module
(method name: (_) @name) @method
(singleton_method name: (_) @name) @method
(assignment left: (constant) @name) @constant
""",
    "lua": """
(function_declaration name: (identifier) @name) @function
(function_declaration name: (dot_index_expression field: (identifier) @name)) @function
(function_declaration name: (method_index_expression method: (identifier) @name)) @method
(chunk (variable_declaration (assignment_statement
  (variable_list name: (identifier) @name))) @variable)
""",
    "scala": """
(class_definition name: (identifier) @name) @class
(object_definition name: (identifier) @name) @class
(trait_definition name: (identifier) @name) @trait
(enum_definition name: (identifier) @name) @enum
(function_definition name: (identifier) @name) @function
(function_declaration name: (identifier) @name) @function
(type_definition name: (type_identifier) @name) @type
(template_body (val_definition pattern: (identifier) @name) @field)
""",
}

# Beside these, for those who compare what others can use of a file.
MEMBERS: dict[str, str] = {
    "javascript": "(field_definition property: (property_identifier) @name) @property",
    "typescript": """
(property_signature name: (property_identifier) @name) @property
(public_field_definition name: (property_identifier) @name) @property
(enum_body name: (_) @name @field)
(enum_assignment name: (_) @name) @field
""",
    "java": "(enum_constant name: (identifier) @name) @field",
    "csharp": """
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(event_field_declaration (variable_declaration
  (variable_declarator name: (identifier) @name))) @field
(enum_member_declaration name: (identifier) @name) @field
""",
    "go": """
(field_declaration name: (field_identifier) @name) @field
(method_elem name: (field_identifier) @name) @method
""",
    "rust": """
(field_declaration name: (field_identifier) @name) @field
(enum_variant name: (identifier) @name) @field
""",
}
