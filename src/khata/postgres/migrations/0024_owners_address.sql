-- The first owner was a member by the address on this machine even after the first link had given the
-- user a real one, so that no letter reached them.

set local search_path = khata;

update members m set email = u.email, name = case when m.name = 'Owner' then u.name else m.name end
from users u
where u.id = m.user_id and m.email = 'owner@localhost' and u.email <> m.email;
