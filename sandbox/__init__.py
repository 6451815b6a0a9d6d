"""An order-management system to point an integration at: the vendor's API over simulated deals."""
