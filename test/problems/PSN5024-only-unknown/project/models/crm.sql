-- Numbers of the CRM, where the sources send `u1`.
select 1 as user_id, 7 as score
