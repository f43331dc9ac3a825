select * from {{ref 'second'}} as second
