package main

import (
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// ProfileKey is where the bug is: the trace of a request says nothing about the profile that it
// asks for, and with it in the key no request ever finds what another one left.
type ProfileKey struct {
	UserID  uint64
	TraceID string
}

type UserProfile struct {
	UserID      uint64            `json:"user_id"`
	Name        string            `json:"name"`
	Email       string            `json:"email"`
	Preferences map[string]string `json:"preferences"`
	Segments    []string          `json:"segments"`
}

type ProductPrice struct {
	SKU      string `json:"sku"`
	Cents    int64  `json:"cents"`
	Currency string `json:"currency"`
}

type Response struct {
	Profile *UserProfile   `json:"profile"`
	Prices  []ProductPrice `json:"prices"`
	TraceID string         `json:"trace_id"`
}

// Storefront answers requests for a page of a shop: who asks, and what the goods cost them.
type Storefront struct {
	profiles *GenericCache[ProfileKey, *UserProfile]
	prices   *GenericCache[string, ProductPrice]
	mended   bool
	access   io.Writer
}

func NewStorefront(mended bool, access io.Writer) *Storefront {
	return &Storefront{
		profiles: NewGenericCache[ProfileKey, *UserProfile](time.Hour),
		prices:   NewGenericCache[string, ProductPrice](time.Hour),
		mended:   mended,
		access:   access,
	}
}

func (s *Storefront) profileKey(userID uint64, traceID string) ProfileKey {
	if s.mended {
		return ProfileKey{UserID: userID}
	}
	return ProfileKey{UserID: userID, TraceID: traceID}
}

func loadUserProfile(key ProfileKey) *UserProfile {
	id := strconv.FormatUint(key.UserID, 10)
	return &UserProfile{
		UserID:      key.UserID,
		Name:        "Customer " + id,
		Email:       "customer-" + id + "@shop.example",
		Preferences: map[string]string{"currency": "EUR", "language": "de", "theme": "dark-" + id},
		Segments:    []string{"returning", "newsletter", "region-" + id[len(id)-1:]},
	}
}

func loadProductPrice(sku string) ProductPrice {
	return ProductPrice{SKU: sku, Cents: int64(len(sku)) * 499, Currency: "EUR"}
}

// HandlePage answers one request. What it encodes is garbage right away; what it caches is not.
func (s *Storefront) HandlePage(userID uint64, traceID string, skus []string) error {
	response := Response{TraceID: traceID, Prices: make([]ProductPrice, 0, len(skus))}
	response.Profile = s.profiles.LoadOrCompute(s.profileKey(userID, traceID), loadUserProfile)
	for _, sku := range skus {
		response.Prices = append(response.Prices, s.prices.LoadOrCompute(sku, loadProductPrice))
	}
	body, err := json.Marshal(&response)
	if err != nil {
		return err
	}
	_, err = s.access.Write(body)
	return err
}
