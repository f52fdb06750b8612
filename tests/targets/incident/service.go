package main

import (
	"math/rand"
	"reflect"
	"strconv"
)

const (
	cachedAtMost = 4096
	askedAgain   = 4 // of so many requests one asks for what the one before has stored
	replyBytes   = 256
)

type Session struct {
	User    uint64
	Request uint64
	Token   string
	Scores  [8]float64
}

// Service answers requests of sessions.
type Service struct {
	mended    bool
	cache     Cache
	random    *rand.Rand
	replyType reflect.Type
	reply     []byte
	last      string

	requests, hits, typesMade uint64
}

func NewService(mended bool) *Service {
	s := &Service{mended: mended, random: rand.New(rand.NewSource(1))}
	if mended {
		s.cache = NewBoundedCache[string, Session](cachedAtMost)
	} else {
		s.cache = &GenericCache[string, Session]{}
	}
	return s
}

// The type of a reply, made at run time from what the request asks for. The bug: the request's number
// is in the name of a field, so that reflection never finds the type again.
func (s *Service) typeOfReply(request uint64) reflect.Type {
	name := "Session"
	if !s.mended {
		name += strconv.FormatUint(request, 10)
	} else if s.replyType != nil {
		return s.replyType
	}
	s.typesMade++
	s.replyType = reflect.StructOf([]reflect.StructField{
		{Name: name, Type: reflect.TypeOf(Session{})},
		{Name: "Status", Type: reflect.TypeOf(0)},
	})
	return s.replyType
}

func (s *Service) keyOf(request uint64) string {
	if request%askedAgain == askedAgain-1 {
		return s.last
	}
	s.last = "session-" + strconv.FormatUint(s.random.Uint64(), 16)
	return s.last
}

// Handle answers the next request. Its reply is garbage right away.
func (s *Service) Handle() {
	key := s.keyOf(s.requests)
	session, ok := s.cache.Load(key)
	if ok {
		s.hits++
	} else {
		session = Session{User: s.random.Uint64(), Request: s.requests, Token: key}
		s.cache.Store(key, session)
	}
	s.reply = make([]byte, replyBytes)
	copy(s.reply, session.Token)
	s.reply[replyBytes-1] = byte(s.typeOfReply(s.requests).NumField())
	s.requests++
}
