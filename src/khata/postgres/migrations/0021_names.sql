-- Whoever works renames an organization and counts the changes to its members. What else its row
-- says, and which is the default, nobody changes.

set local search_path = khata;

revoke update on organizations from khata_app, khata_tenant;
grant update (name, membership) on organizations to khata_app, khata_tenant;
