select user_id, 1 as score
from {{ref 'buyer'}} as buyers
