import type { Examples } from './examples.ts'

export const jsonExamples: Examples = {
  array_cat: [["array_cat(array_construct(1, 2), array_construct('a'))", '[1,2,"a"]']],
  array_construct: [
    ["array_construct(10, 'x', null)", '[10,"x",null]'],
    ['array_construct()', '[]'],
  ],
  array_construct_compact: [['array_construct_compact(null, 1, null)', '[1]']],
  array_contains: [
    ["array_contains('hello'::variant, array_construct('hello', 'hi'))", true],
    ["array_contains('x'::variant, array_construct('hello'))", false],
  ],
  array_distinct: [["array_size(array_distinct(array_construct('A', 'A', 'B')))", '2']],
  array_size: [
    ['array_size(array_construct(1, null))', '2'],
    ["array_size(parse_json('{}'))", null],
  ],
  array_slice: [
    ['array_slice(array_construct(0, 1, 2, 3, 4, 5, 6), 0, 2)', '[0,1]'],
    ['array_slice(array_construct(0, 1, 2, 3, 4, 5, 6), 0, -2)', '[0,1,2,3,4]'],
    ['array_slice(array_construct(0, 1, 2, 3, 4, 5, 6), -5, -3)', '[2,3]'],
    ['array_slice(array_construct(0, 1), 10, 12)', '[]'],
    ['array_slice(array_construct(0, 1), 0, null)', null],
  ],
  array_to_string: [
    ["array_to_string(parse_json('[1, 2]'), ', ')", '1, 2'],
    ["array_to_string(array_construct('a', null, 'c'), '-')", 'a--c'],
    ["array_to_string(null, ',')", null],
  ],
  as_array: [
    ["as_array(parse_json('[1]'))", '[1]'],
    ["as_array(parse_json('1'))", null],
  ],
  as_boolean: [["as_boolean(parse_json('true'))", true]],
  'as_char-varchar': [
    ['as_varchar(parse_json(\'"x"\'))', 'x'],
    ["as_char(parse_json('1'))", null],
  ],
  'as_double-real': [["as_double(parse_json('1.5'))", 1.5]],
  as_integer: [
    ["as_integer(parse_json('7'))", '7'],
    ['as_integer(parse_json(\'"7"\'))', null],
  ],
  as_object: [['as_object(parse_json(\'{"a": 1}\'))', '{"a":1}']],
  get: [
    ["get(array_construct('a', 'b'), 1)::varchar", 'b'],
    ["get(parse_json('{\"a\": 1}'), 'A')", null],
    ["get(parse_json('[1]'), 9)", null],
  ],
  get_path: [['get_path(parse_json(\'{"a": [{"b": 5}]}\'), \'a[0].b\')', '5']],
  is_array: [["is_array(parse_json('[]'))", true]],
  is_boolean: [["is_boolean(parse_json('false'))", true]],
  'is_char-varchar': [
    ['is_varchar(parse_json(\'"x"\'))', true],
    ["is_char(parse_json('1'))", false],
  ],
  is_decimal: [["is_decimal(parse_json('1.5'))", true]],
  'is_double-real': [["is_double(parse_json('1.5'))", true]],
  is_integer: [
    ["is_integer(parse_json('1'))", true],
    ["is_integer(parse_json('1.5'))", false],
  ],
  is_null_value: [
    ["is_null_value(parse_json('null'))", true],
    ['is_null_value(null::variant)', null],
  ],
  is_object: [["is_object(parse_json('{}'))", true]],
  object_construct: [
    ["object_construct('a', 1, 'b', 'BBBB', 'c', null)", '{"a":1,"b":"BBBB"}'],
    ['object_construct()', '{}'],
  ],
  object_construct_keep_null: [
    ["object_construct_keep_null('key_1', 'one', 'key_2', null)", '{"key_1":"one","key_2":null}'],
  ],
  object_keys: [['object_keys(parse_json(\'{"x": 1, "y": 2}\'))', '["x","y"]']],
  parse_json: [
    ['parse_json(\' { "a" : [ 1 , null ] } \')', '{"a":[1,null]}'],
    ["parse_json('  ')", null],
    ["parse_json('null') is null", false],
    ['parse_json(\'{"a": null}\'):a is null', false],
    ['parse_json(\'{"a": null}\'):a::varchar', null],
    ['parse_json(\'{"a": null}\'):b', null],
  ],
  split: [["split('127.0.0.1', '.')", '["127","0","0","1"]']],
  strip_null_value: [
    ["strip_null_value(parse_json('null'))", null],
    ["strip_null_value(parse_json('1'))", '1'],
  ],
  to_char: [
    [
      "to_varchar('2024-04-05 01:02:03'::timestamp, 'YYYY-MM-DD\"T\"HH24:MI:SS.FF6')",
      '2024-04-05T01:02:03.000000',
    ],
    ["to_char('2024-04-05'::date, 'MM/DD/YYYY')", '04/05/2024'],
    ['to_varchar(parse_json(\'"x"\'))', 'x'],
    ["to_varchar('2024-04-05 01:02:03'::timestamp)", '2024-04-05 01:02:03.000'],
    ['to_varchar(1.50)', '1.50'],
    ['to_varchar(true)', 'true'],
  ],
  to_json: [
    ['to_json(parse_json(\'{"a": [1, true]}\'))', '{"a":[1,true]}'],
    ['to_json(null::variant)', null],
  ],
  to_variant: [
    ["to_variant('x')", '"x"'],
    ['to_variant(1.5)', '1.5'],
  ],
  try_parse_json: [
    ['try_parse_json(\'{"a"\')', null],
    ["try_parse_json('[1]')", '[1]'],
  ],
  typeof: [
    ["typeof(parse_json('{}'))", 'OBJECT'],
    ["typeof(parse_json('null'))", 'NULL_VALUE'],
    ["typeof(parse_json('1.5'))", 'DECIMAL'],
    ["typeof(to_variant('x'))", 'VARCHAR'],
  ],
}
