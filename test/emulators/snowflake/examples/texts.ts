import type { Examples } from './examples.ts'

export const textExamples: Examples = {
  ascii: [
    ["ascii('!')", '33'],
    ["ascii('')", '0'],
  ],
  charindex: [
    ["charindex('an', 'banana')", '2'],
    ["charindex('x', 'banana')", '0'],
  ],
  chr: [
    ['chr(83)', 'S'],
    ['char(33)', '!'],
  ],
  concat: [
    ["concat('George Washington ', 'Carver')", 'George Washington Carver'],
    ["concat('a', null)", null],
  ],
  contains: [
    ["contains('coffee', 'te')", false],
    ["contains('ice tea', 'te')", true],
  ],
  endswith: [
    ["endswith('coffee', 'ee')", true],
    ["endswith('tea', 'ee')", false],
  ],
  hex_encode: [
    ["hex_encode('SNOW')", '534E4F57'],
    ["hex_encode('SNOW', 0)", '534e4f57'],
  ],
  left: [["left('ABCDEF', 3)", 'ABC']],
  length: [
    ["length('Joyeux Noël')", '11'],
    ["len('🙂')", '1'],
    ["length('')", '0'],
  ],
  lower: [["lower('1č2Đ3Á4B')", '1č2đ3á4b']],
  lpad: [
    ["lpad('hello', 10, ' ')", '     hello'],
    ["lpad('123', 2, '0')", '12'],
    ["lpad('7', 3, '0')", '007'],
  ],
  ltrim: [
    ["ltrim('#000000123', '0#')", '123'],
    ["ltrim(' \tx')", '\tx'],
  ],
  md5: [
    ["md5('Snowflake')", 'edf1439075a83a447fb8b630ddc9c8de'],
    ["md5_hex('')", 'd41d8cd98f00b204e9800998ecf8427e'],
  ],
  octet_length: [
    ["octet_length('abc')", '3'],
    ["octet_length('\\u0392')", '2'],
  ],
  position: [["position('an', 'banana')", '2']],
  regexp_count: [
    ["regexp_count('It was the best of times, it was the worst of times', '\\\\bwas\\\\b')", '2'],
  ],
  regexp_instr: [
    ["regexp_instr('nevermore1, nevermore2, nevermore3.', 'nevermore\\\\d')", '1'],
    ["regexp_instr('abc', 'c|b')", '2'],
    ["regexp_instr('abc', 'x')", '0'],
    ["regexp_instr(null, 'x')", null],
  ],
  regexp_like: [
    ["regexp_like('san francisco', 'san')", false],
    ["regexp_like('San Francisco', 'san.*', 'i')", true],
    ["rlike('1', '\\\\d')", true],
    ["'a\\nb' rlike 'a.b'", false],
    ["regexp_like('a\\nb', 'a.b', 's')", true],
    ["'Sacramento' regexp 'Sac.*'", true],
  ],
  regexp_replace: [
    [
      "regexp_replace('It was the best of times, it was the worst of times', '( ){1,}', '')",
      'Itwasthebestoftimes,itwastheworstoftimes',
    ],
    [
      "regexp_replace('firstname middlename lastname', '(.*) (.*) (.*)', '\\\\3, \\\\1 \\\\2')",
      'lastname, firstname middlename',
    ],
    ["regexp_replace('aaa', 'a', 'b', 1, 1)", 'baa'],
    ["regexp_replace('abc', 'b')", 'ac'],
  ],
  regexp_substr: [
    ["regexp_substr('It was the best of times, it was the worst of times', 'the\\\\W+\\\\w+')", 'the best'],
    [
      "regexp_substr('It was the best of times, it was the worst of times', 'the\\\\W+\\\\w+', 1, 2)",
      'the worst',
    ],
    ["regexp_substr('the best, the worst', 'the\\\\W+(\\\\w+)', 1, 1, 'e')", 'best'],
    ["regexp_substr('x', 'y')", null],
  ],
  repeat: [["repeat('xy', 3)", 'xyxyxy']],
  replace: [
    ["replace('down', 'down', 'up')", 'up'],
    ["replace('snowball', 'snow')", 'ball'],
  ],
  reverse: [["reverse('Hello, world!')", '!dlrow ,olleH']],
  right: [["right('ABCDEFG', 3)", 'EFG']],
  rpad: [["rpad('hello', 10, '$')", 'hello$$$$$']],
  rtrim: [["rtrim('$125.00', '0.')", '$125']],
  sha1: [
    ["sha1('Snowflake')", 'fda76b0bcc1e87cf259b1d1e3271d76f590fb5dd'],
    ["sha1_hex('')", 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
  ],
  sha2: [
    ["sha2('')", 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ["sha2_hex('', 256) = sha2('', 256)", true],
  ],
  split_part: [
    ["split_part('11.22.33', '.', 0)", '11'],
    ["split_part('11.22.33', '.', -1)", '33'],
    ["split_part('11.22.33', '.', 7)", ''],
  ],
  startswith: [
    ["startswith('tea', 'te')", true],
    ["startswith('coffee', 'te')", false],
  ],
  substr: [
    ["substr('testing 1 2 3', 9, 5)", '1 2 3'],
    ["substring('abc', -2, 1)", 'b'],
    ["substr('abc', 9)", ''],
    ["substr('abc', 1, -1)", ''],
  ],
  trim: [
    ["trim('*-*ABC-*-', '*-')", 'ABC'],
    ["trim('  x\\n ')", 'x\n'],
  ],
  unicode: [["unicode('a')", '97']],
  upper: [["upper('1č2Đ3á4b')", '1Č2Đ3Á4B']],
}
