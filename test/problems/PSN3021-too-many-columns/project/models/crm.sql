select user_id,
  0 as c0, 1 as c1, 2 as c2, 3 as c3, 4 as c4, 5 as c5, 6 as c6, 7 as c7, 8 as c8, 9 as c9, 10 as c10, 11 as c11, 12 as c12, 13 as c13, 14 as c14, 15 as c15, 16 as c16, 17 as c17, 18 as c18, 19 as c19, 20 as c20, 21 as c21, 22 as c22, 23 as c23, 24 as c24
from {{source 'web' 'tracks'}}
