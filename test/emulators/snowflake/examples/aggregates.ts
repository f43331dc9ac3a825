import type { Examples } from './examples.ts'

export const four =
  '(select column1 as x, column2 as y from values (1, 10), (2, null), (3, 30), (4, 20)) as four'

/** Over x = 1, 2, 3, 4 and y = 10, NULL, 30, 20. */
export const aggregateExamples: Examples = {
  any_value: [['any_value(5)', '5']],
  array_agg: [
    ['array_agg(y) within group (order by x desc)', '[20,30,10]'],
    ["array_agg(distinct iff(x > 2, 'b', 'a')) within group (order by iff(x > 2, 'b', 'a'))", '["a","b"]'],
    ['array_agg(iff(x > 9, x, null))', '[]'],
  ],
  avg: [
    ['avg(x)', '2.500000'],
    ['avg(x::float)', 2.5],
    ['avg(y)', '20.000000'],
  ],
  booland_agg: [['booland_agg(x > 0)', true]],
  boolor_agg: [
    ['boolor_agg(x > 3)', true],
    ['boolor_agg(null)', null],
  ],
  count: [
    ['count(*)', '4'],
    ['count(y)', '3'],
    ['count(distinct x % 2)', '2'],
    ['count(x, y)', '3'],
  ],
  count_if: [
    ['count_if(y > 10)', '2'],
    ['count_if(null)', '0'],
  ],
  listagg: [
    ["listagg(x::varchar, ' ') within group (order by x desc)", '4 3 2 1'],
    ["listagg(y::varchar, '|') within group (order by x)", '10|30|20'],
    ["listagg(null::varchar, '|')", ''],
  ],
  max: [['max(y)', '30']],
  max_by: [
    ['max_by(x, y)', '3'],
    ['max_by(y, x)', '20'],
  ],
  median: [['median(x)', 2.5]],
  min: [['min(y)', '10']],
  min_by: [['min_by(x, y)', '1']],
  object_agg: [['object_agg(x::varchar, y)', '{"1":10,"3":30,"4":20}']],
  percentile_cont: [['percentile_cont(0.5) within group (order by x)', 2.5]],
  percentile_disc: [
    ['percentile_disc(0.5) within group (order by x)', '2'],
    ['percentile_disc(0.51) within group (order by y)', '20'],
  ],
  sum: [
    ['sum(y)', '60'],
    ['sum(x + 0.5)', '12.0'],
    ['sum(null)', null],
  ],
}

/** @see https://docs.snowflake.com/en/sql-reference/functions-window-syntax */
export const windowExamples: Readonly<
  Record<string, readonly [expression: string, values: readonly (string | null)[]]>
> = {
  row_number: ['row_number() over (order by x desc)', ['4', '3', '2', '1']],
  rank: ['rank() over (order by x % 2)', ['3', '1', '3', '1']],
  dense_rank: ['dense_rank() over (order by x % 2)', ['2', '1', '2', '1']],
  ntile: ['ntile(2) over (order by x)', ['1', '1', '2', '2']],
  lag: ['lag(x) over (order by x)', [null, '1', '2', '3']],
  lead: ['lead(y, 1, 0) over (order by x)', [null, '30', '20', '0']],
  'lead, nulls ignored': ['lead(y) ignore nulls over (order by x)', ['30', '30', '20', null]],
  // Unlike in the standard, the whole partition is looked at.
  first_value: ['first_value(x) over (order by x desc)', ['4', '4', '4', '4']],
  last_value: ['last_value(x) over (order by x)', ['4', '4', '4', '4']],
  'last_value, frame': [
    'last_value(x) over (order by x rows between unbounded preceding and current row)',
    ['1', '2', '3', '4'],
  ],
  'sum, cumulative': ['sum(x) over (order by x)', ['1', '3', '6', '10']],
  'sum, sliding': ['sum(x) over (order by x rows between 1 preceding and current row)', ['1', '3', '5', '7']],
  'count, partition': ['count(*) over (partition by x % 2)', ['2', '2', '2', '2']],
  // NULL is the largest value.
  'row_number, nulls': ['row_number() over (order by y)', ['1', '4', '3', '2']],
  'row_number, nulls descending': ['row_number() over (order by y desc)', ['4', '1', '2', '3']],
}
