//! Pages, errors and headers: what every visitor and every browser may rely on.

mod cross_site;
mod gallery;
mod headers;
mod health;
mod hosts;
mod methods;
