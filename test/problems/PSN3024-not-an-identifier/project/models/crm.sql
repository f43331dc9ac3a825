select 'ann@example.com' as email, 1 as score
