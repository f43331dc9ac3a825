import type { Examples } from './examples.ts'

export const conditionalExamples: Examples = {
  coalesce: [
    ['coalesce(1, 2, 3)', '1'],
    ['coalesce(null, 2, 3)', '2'],
  ],
  equal_null: [
    ['equal_null(null, null)', true],
    ['equal_null(null, 1)', false],
  ],
  iff: [
    ["iff(true, 'true', 'false')", 'true'],
    ["iff(null, 'true', 'false')", 'false'],
  ],
  ifnull: [['ifnull(null, 5)', '5']],
  nullif: [
    ['nullif(0, 0)', null],
    ['nullif(1, 0)', '1'],
  ],
  nvl: [["nvl(null, 'b')", 'b']],
  nvl2: [
    ['nvl2(null, 1, 2)', '2'],
    ['nvl2(0, 1, 2)', '1'],
  ],
}
