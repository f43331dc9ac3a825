import type { Examples } from './examples.ts'

export const numberExamples: Examples = {
  abs: [['abs(-1.5)', '1.5']],
  bitand: [['bitand(6, 3)', '2']],
  bitor: [['bitor(6, 3)', '7']],
  bitxor: [['bitxor(6, 3)', '5']],
  ceil: [
    ['ceil(135.135)', '136'],
    ['ceil(-975.975)', '-975'],
  ],
  div0: [
    ['div0(1, 2)', '0.500000'],
    ['div0(1, 0)', '0.000000'],
    ['div0(1, null)', null],
  ],
  div0null: [
    ['div0null(1, null)', '0.000000'],
    ['div0null(1, 0)', '0.000000'],
  ],
  exp: [['exp(0)', 1]],
  floor: [
    ['floor(135.135)', '135'],
    ['floor(-975.975)', '-976'],
  ],
  greatest: [
    ['greatest(1, 3, 0, 4)', '4'],
    ['greatest(1, null)', null],
  ],
  greatest_ignore_nulls: [['greatest_ignore_nulls(1, null, 3)', '3']],
  least: [
    ['least(1, 3, 0, 4)', '0'],
    ["least('a', null)", null],
  ],
  least_ignore_nulls: [['least_ignore_nulls(2, null, 1)', '1']],
  ln: [['ln(1)', 0]],
  mod: [
    ['mod(3, 2)', '1'],
    ['mod(4.5, 1.2)', '0.9'],
    ['mod(-7, 3)', '-1'],
    ['-7 % 3', '-1'],
  ],
  nullifzero: [
    ['nullifzero(0)', null],
    ['nullifzero(52)', '52'],
  ],
  pow: [
    ['power(2, 3)', 8],
    ['pow(2, 0.5) > 1.41', true],
  ],
  round: [
    ['round(135.135)', '135'],
    ['round(-975.975)', '-976'],
    ['round(2.5)', '3'],
    ['round(-2.5::float)', -3],
    ['round(1.2345, 2)', '1.23'],
    ['round(5, 2)', '5'],
  ],
  sign: [['sign(-5.09)', '-1']],
  sqrt: [['sqrt(4)', 2]],
  to_boolean: [
    ["to_boolean('yes')", true],
    ["to_boolean('OFF')", false],
    ['to_boolean(0)', false],
  ],
  to_decimal: [
    ["to_number('12.3456')", '12'],
    ["to_decimal('98.76546', 10, 1)", '98.8'],
    ["to_numeric('ae5', 'XXX')", '2789'],
    ["to_number('fffffffffffffff', 'XXXXXXXXXXXXXXX')", '1152921504606846975'],
    ['2.5::float::number(38, 0)', '3'],
    ['-2.5::number(10, 0)', '-3'],
  ],
  to_double: [
    ["to_double('1.1')", 1.1],
    ["'1.5e2'::float", 150],
  ],
  trunc: [
    ['trunc(-975.975)', '-975'],
    ['truncate(135.9)', '135'],
  ],
  try_to_boolean: [
    ["try_to_boolean('True')", true],
    ["try_to_boolean('x')", null],
  ],
  try_to_decimal: [
    ["try_to_number('345.123')", '345'],
    ["try_to_decimal('x')", null],
    ["try_to_numeric('12.5', 3, 1)", '12.5'],
    ["try_to_number('1234', 3, 0)", null],
  ],
  try_to_double: [
    ["try_to_double('3.25')", 3.25],
    ["try_to_double('Invalid')", null],
  ],
  zeroifnull: [
    ['zeroifnull(null)', '0'],
    ['zeroifnull(1.5)', '1.5'],
  ],
}
