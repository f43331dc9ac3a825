select * from {{ref 'first'}} as first
