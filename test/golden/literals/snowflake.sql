-- single quote
'it''s'
"it's"

-- quotes alone
''''
"'"

-- doubled quotes
''''''''''
"''''"

-- double quote
'a "name"'
"a ""name"""

-- backtick
'a `name`'
"a `name`"

-- all quotes
'''"`''"`'
"'""`'""`"

-- ends a literal
'x''; drop table victims; --'
"x'; drop table victims; --"

-- ends a name
'x"; drop table victims; --'
"x""; drop table victims; --"

-- always true
''' or ''1''=''1'
"' or '1'='1"

-- backslash
'back\\slash'
"back\slash"

-- backslash at the end
'ends with \\'
"ends with \"

-- backslash before a quote
'\\''; drop table victims; --'
"\'; drop table victims; --"

-- two backslashes before a quote
'\\\\'''
"\\'"

-- escape of an octal
'\\101\\x41\\u0041'
"\101\x41\u0041"

-- line feed
'one\ntwo'
"one
two"

-- carriage return
'one\r\ntwo\rthree'
"one
twothree"

-- line after a comment
'-- a comment\ndrop table victims'
"-- a comment
drop table victims"

-- tabulator
'one\ttwo'
"one	two"

-- other control characters
'\u0001\u0007\u001b[31m\u007f\u0085'
"[31m"

-- comment of a line
'-- all that follows'
"-- all that follows"

-- comment of a block
'/* open */ */ /*'
"/* open */ */ /*"

-- hash comment
'# all that follows'
"# all that follows"

-- keywords
'select from where null true'
"select from where null true"

-- one keyword
'select'
"SELECT"

-- null
'null'
"NULL"

-- semicolon
'a; b;'
"a; b;"

-- dollar quotes
'$$ $personas$ $tag$'
"$$ $personas$ $tag$"

-- end of our own block
'$personas$; drop table victims; do $personas$'
"$personas$; drop table victims; do $personas$"

-- parameters
'$1 ? :name @name %s %(name)s'
"$1 ? :name @name %s %(name)s"

-- patterns of like
'100%_\\%'
"100%_\%"

-- braces
'{{ braces }} {{{raw}}} {{#if x}}'
"{{ braces }} {{{raw}}} {{#if x}}"

-- template expression
'{{ref "victims"}}'
"{{ref ""victims""}}"

-- jinja and javascript
'{% raw %} ${1 + 1}'
"{% raw %} ${1 + 1}"

-- emoji
'🙂👩‍👩‍👧'
"🙂👩‍👩‍👧"

-- combining
'é é ß İ ı'
"é é ß İ ı"

-- line separators
'one two three'
"one two three"

-- right to left
'‮evil‬ ⁦x⁩ ‏'
"‮evil‬ ⁦x⁩ ‏"

-- zero width
'a​b﻿c'
"a​b﻿c"

-- full width quotes
'＇＂‘’ʼ′'
"＇＂‘’ʼ′"

-- blanks
'  leading and trailing  '
"  leading and trailing  "

-- json text
'{"a": ["b\\"c"]}'
"{""a"": [""b\""c""]}"

-- path in json
'$.a[0]'
"$.a[0]"

-- number
'1e3'
"1e3"

-- very long
'long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long ''end'
"long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long l_7d960ebc"
