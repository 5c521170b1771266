//! Pages of conferences and ministries.
